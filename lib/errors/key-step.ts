/** `in configuration key 'catalog.refresh' (app-config.yaml:12:5)`, as a step of a problem's path. */
export function keyStep(key: string, place: string | undefined): string {
  const what = key === '' ? 'in the configuration' : `in configuration key '${key}'`;
  return place === undefined ? what : `${what} (${place})`;
}
