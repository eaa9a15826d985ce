export { Finding, licensesApi, Verdict, type Report } from './licenses-api.js';
export { violationFound } from './violation-found.js';
