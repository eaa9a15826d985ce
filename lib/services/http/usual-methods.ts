/** What middleware is asked about; a request with any other method is only told which ones there are. */
export const usualMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

const usual = new Set<string>(usualMethods);

export function isUsualMethod(method: string): boolean {
  return usual.has(method);
}
