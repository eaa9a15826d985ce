export { licensesApi, Verdict, type Finding, type Report } from './licenses-api.js';
