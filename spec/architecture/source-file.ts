import { posix } from 'node:path';
import { parseSync, type Program, Visitor } from 'oxc-parser';

/** One place where a file names another module. */
export interface Import {
  /** The path of a file of this repository, or the name of a package; `undefined` where it is computed. */
  readonly target: string | undefined;
  readonly line: number;
  /** `type`: the compiler leaves it out. `static`: loaded with the file. `dynamic`: loaded when asked for. */
  readonly how: 'type' | 'static' | 'dynamic';
  /** It passes on what it names, as `export … from`. */
  readonly reexports: boolean;
}

export interface SourceFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly imports: readonly Import[];
  lineOf(offset: number): number;
}

/** Parses `text` as if it were the file at `path`. Throws where it cannot be parsed. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`);
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  return { path, text, program, imports: importsOf(path, program, lineOf), lineOf };
}

function importsOf(path: string, program: Program, lineOf: SourceFile['lineOf']): Import[] {
  const imports: Import[] = [];
  const add = (node: { start: number }, specifier: string | undefined, how: Import['how'], reexports = false): void => {
    imports.push({
      target: specifier === undefined ? undefined : targetOf(path, specifier),
      line: lineOf(node.start),
      how,
      reexports,
    });
  };
  // `import { type A }` is no type import: what the compiler leaves of it is `import {}`, which loads the module.
  new Visitor({
    ImportDeclaration: node => add(node, node.source.value, node.importKind === 'type' ? 'type' : 'static'),
    ExportAllDeclaration: node => add(node, node.source.value, node.exportKind === 'type' ? 'type' : 'static', true),
    ExportNamedDeclaration: node => {
      if (node.source) add(node, node.source.value, node.exportKind === 'type' ? 'type' : 'static', true);
    },
    ImportExpression: node => add(node, textOf(node.source), 'dynamic'),
    TSImportType: node => add(node, textOf(node.source), 'type'),
    TSExternalModuleReference: node => add(node, textOf(node.expression), 'static'),
    CallExpression: node => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require')
        add(node, textOf(node.arguments[0]), 'static');
    },
  }).visit(program);
  return imports;
}

function textOf(node: { type: string; value?: unknown } | undefined): string | undefined {
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
  const [scope, name] = specifier.split('/');
  return specifier.startsWith('@') ? `${scope}/${name}` : scope!;
}
