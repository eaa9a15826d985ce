/** What an id may have at most, in characters: it becomes part of paths, of keys and of names in databases. */
export const longestId = 63;

/** Whether it is in kebab-case, as the ids of plugins, modules, topics and subscriptions are. */
export function isPlainId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestId && /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(value);
}
