export { LicensesPlugin } from './licenses-plugin.js';
