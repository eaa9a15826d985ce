import { type Expression, type Node, Visitor } from 'oxc-parser';
import { frameworkFiles } from '../architecture/framework-files.js';
import type { SourceFile } from '../architecture/source-file.js';

/** `PORT_IN_USE`, of what keeps a backend from starting or stopping. */
const startupCode = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
/** `plugin_unavailable`, of what a caller is told. */
const httpCode = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

/**
 * Every code that the source gives to an error: the value of a property `code`, or an argument for a parameter of that
 * name. A code that is computed has no place in the source and so cannot be documented; it is given back as `computed`.
 */
export function codesIn(files: readonly SourceFile[]): { codes: Set<string>; computed: string[] } {
  const codes = new Set<string>();
  const computed: string[] = [];
  const parameters = new Map(files.flatMap(codeParameters));
  for (const file of files) {
    const take = (node: Node | undefined): void => {
      if (!node) return;
      const texts = textsOf(node as Expression);
      if (texts) for (const text of texts) codes.add(text);
      else if (!isPassedOn(node)) computed.push(`${file.path}:${file.lineOf(node.start)}`);
    };
    new Visitor({
      Property: node => {
        if (!node.computed && node.key.type === 'Identifier' && node.key.name === 'code' && !node.shorthand)
          take(node.value);
      },
      CallExpression: node => {
        const name = node.callee.type === 'Identifier' ? node.callee.name : undefined;
        const index = name === undefined ? undefined : parameters.get(name);
        if (index !== undefined) take(node.arguments[index]);
      },
    }).visit(file.program);
  }
  return { codes, computed };
}

/** Functions of a file that take a code, and as which argument. */
function codeParameters({ program }: SourceFile): [name: string, index: number][] {
  const parameters: [string, number][] = [];
  new Visitor({
    FunctionDeclaration: ({ id, params }) => {
      const index = params.findIndex(
        param =>
          param.type === 'Identifier' &&
          param.name === 'code' &&
          param.typeAnnotation?.typeAnnotation.type === 'TSStringKeyword',
      );
      if (id && index >= 0) parameters.push([id.name, index]);
    },
  }).visit(program);
  return parameters;
}

function textsOf(node: Expression): string[] | undefined {
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? [node.value] : [];
    case 'ConditionalExpression': {
      const [yes, no] = [textsOf(node.consequent), textsOf(node.alternate)];
      return yes && no ? [...yes, ...no] : undefined;
    }
    case 'TSAsExpression':
    case 'ParenthesizedExpression':
      return textsOf(node.expression);
    default:
      return undefined;
  }
}

/** A name, or a property of something: the code comes from elsewhere, and is taken there. Patterns say it likewise. */
function isPassedOn({ type }: Node): boolean {
  return ['Identifier', 'MemberExpression', 'AssignmentPattern', 'ChainExpression'].includes(type);
}

const found = codesIn(frameworkFiles());

export const computedCodes: readonly string[] = found.computed;
export const startupCodes: readonly string[] = [...found.codes].filter(code => startupCode.test(code)).toSorted();
export const httpCodes: readonly string[] = [...found.codes].filter(code => httpCode.test(code)).toSorted();

/** Words of the source that look like codes but are given to no error. */
export function otherWords(): Set<string> {
  const words = new Set<string>();
  for (const file of frameworkFiles()) {
    new Visitor({
      Literal: ({ value }) => {
        if (typeof value === 'string' && startupCode.test(value) && !found.codes.has(value)) words.add(value);
      },
    }).visit(file.program);
  }
  return words;
}
