/**
 * What travels between a backend and whoever calls it. Imports nothing at run time, so browsers and other programs can
 * use it as it is.
 */
export type { Allow } from './allow.js';
export { isErrorBody, type ErrorBody } from './error-body.js';
