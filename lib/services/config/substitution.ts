import type { ConfigNode, ConfigScalar } from './config-node.js';

const variablePattern = /\$?\$\{([^{}]*)\}/g;

/**
 * Replaces `${VAR}` and `${VAR:-fallback}` by what the environment says, and `$${…}` by `${…}`.
 *
 * A fallback counts where the variable is unset or empty. A value that names an unset variable without a fallback has
 * no value.
 */
export function substitute(node: ConfigScalar, env: NodeJS.ProcessEnv): ConfigNode {
  if (typeof node.value !== 'string' || !node.value.includes('${')) return node;
  const fragments: string[] = [];
  const unset: string[] = [];
  const value = node.value.replaceAll(variablePattern, (text, inner: string) => {
    if (text.startsWith('$$')) return text.slice(1);
    const split = inner.indexOf(':-');
    const name = (split < 0 ? inner : inner.slice(0, split)).trim();
    const set = variable(env, name);
    const found = split < 0 ? set : set || inner.slice(split + 2);
    if (found === undefined) unset.push(name);
    else if (found !== '') fragments.push(found);
    return found ?? '';
  });
  if (unset.length > 0) return { kind: 'unset', variables: unset, place: node.place };
  return { ...node, value, ...(fragments.length > 0 && { fragments }) };
}

/** What the environment says, without the white space around it. */
export function variable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
}
