/** The name of a class, whatever a static member of that name is. */
export function classNameOf(target: object): string {
  try {
    const { name } = target as { readonly name?: unknown };
    return typeof name === 'string' && name !== '' ? name : '(anonymous class)';
  } catch {
    return '(anonymous class)';
  }
}
