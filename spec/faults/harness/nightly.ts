/** `NIGHTLY=1 npm run test:faults` takes the time that a change does not have: more repetitions, longer loads. */
export function nightly<T>(usual: T, atNight: T): T {
  return process.env['NIGHTLY'] ? atNight : usual;
}
