export { AuthPlugin } from './auth-plugin.js';
