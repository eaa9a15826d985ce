import type { Class } from '../../decorators/tokens.js';
import { codeOf } from '../util/class-code.js';

const passingOn = /constructor\s*\(\)\s*\{\s*super\(\.\.\.arguments\)/g;

/**
 * Whether the text of a class has a constructor of its own, which a class inside it does not count for. One that passes
 * everything on is the compiler's, made for fields.
 */
export function hasWrittenConstructor(c: Class): boolean {
  const code = codeOf(c).replaceAll(passingOn, 'passOn() {');
  return code.includes('constructor') && /(?<![.\w$])constructor\s*\(/.test(membersOf(code));
}

/** The code without what is in the braces inside its body. */
function membersOf(code: string): string {
  const inner = code.replaceAll(/\{[^{}]*\}(?!\s*$)/g, ';');
  return inner === code ? code : membersOf(inner);
}
