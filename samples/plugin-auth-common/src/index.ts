export { authApi, type Session, type UserInfo } from './auth-api.js';
