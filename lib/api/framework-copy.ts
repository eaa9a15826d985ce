import { otherCopyOf } from '../../decorators/annotations.js';
import type { Problem } from '../errors/problem.js';
import { toPath } from '../util/source-place.js';

/** The file of another copy of the framework that made `token`, a class or a reference, or what the class extends. */
function makerOf(token: unknown): string | undefined {
  if (typeof token === 'object' && token !== null) {
    const { kind } = token as { kind?: unknown };
    return kind === 'service-ref' || kind === 'extension-point-ref' ? 'a file that is not known' : undefined;
  }
  for (let c: unknown = token; typeof c === 'function'; c = Object.getPrototypeOf(c)) {
    const copy = otherCopyOf(c);
    if (copy) return toPath(copy);
  }
  return undefined;
}

/** Whether another copy of the framework made `token`, so that this one knows nothing of it. */
export function isOfOtherCopy(token: unknown): boolean {
  return makerOf(token) !== undefined;
}

/**
 * What is wrong with a token that this copy of the framework does not know because another copy made it; `undefined`
 * where that is not so. Ask only of what is not known.
 */
export function otherCopyProblem(token: unknown, path: () => readonly string[]): Problem | undefined {
  const maker = makerOf(token);
  if (maker === undefined) return undefined;
  return {
    code: 'TWO_FRAMEWORK_COPIES',
    message: `${typeof token === 'function' ? `Class ${token.name}` : 'A reference'} was made with another copy of the framework`,
    path: [...path(), `-> made by ${maker}`, `-> started by ${toPath(import.meta.url)}`],
    fix: "install 'backplane' once: run npm ls backplane, and make it a peerDependency of plugin packages.",
  };
}
