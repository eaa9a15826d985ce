import { type Expression, type Node, type VariableDeclarator, Visitor } from 'oxc-parser';
import { placeRule, type Rule } from './rule.js';
import type { SourceFile } from './source-file.js';

/**
 * What a module may keep for the whole process, and why that does not let two backends of one process meet.
 *
 * Everything else belongs to a backend, and ends with it.
 */
export const knownState: Readonly<Record<string, string>> = {
  'decorators/annotations.ts#drafts': 'what decorators said about a class is a fact about the class',
  'decorators/config-of.ts#sections': 'the section a class was made for is a fact about the class',
  'decorators/refs.ts#sites': 'where a reference was created is a fact about the reference',
  'lib/api/attribution.ts#accounts': 'follows the calls of each backend; what it stores names the backend',
  'lib/api/importing.ts#imports': 'follows the calls of each import; what it stores is that import',
  'lib/backend/process-host.ts#processHost': 'signals and exit codes are the process’s own',
  'lib/container/read-only.ts#views': 'how an object is shown is a fact about the object',
  'lib/services/auth/bound-credentials.ts#nobody': 'nobody is frozen, and the same everywhere',
  'lib/services/logger/bounded-output.ts#guarded': 'that a stream has its error listener is a fact about the stream',
  'lib/util/source-place.ts#sourceMaps': 'what a file was compiled from is a fact about the file',
};

const mutators = /^(?:set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin)$/;

interface Constant {
  readonly name: string;
  readonly node: VariableDeclarator;
  readonly exported: boolean;
}

/** What a file keeps between calls, by name. */
export function stateOf(file: SourceFile): { readonly name: string; readonly offset: number }[] {
  const constants = constantsOf(file);
  const changed = changedIn(file, new Set(constants.map(({ name }) => name)));
  const kept = constants.filter(constant => changed.has(constant.name) || isState(constant));
  return [...kept.map(({ name, node }) => ({ name, offset: node.start })), ...staticsOf(file)];
}

function constantsOf({ program }: SourceFile): Constant[] {
  return program.body.flatMap(statement => {
    const exported = statement.type === 'ExportNamedDeclaration';
    const declaration = exported ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration') return [];
    return declaration.declarations.flatMap(node =>
      node.id.type === 'Identifier' ? [{ name: node.id.name, node, exported }] : [],
    );
  });
}

/** Whether what it holds is made to change. A collection that nobody else sees and nothing here changes is a table. */
function isState({ node, exported }: Constant): boolean {
  const made = withoutTypes(node.init);
  if (made?.type !== 'NewExpression') return false;
  const type = made.callee.type === 'Identifier' ? made.callee.name : '';
  if (type === 'RegExp' || type.endsWith('Error')) return false;
  if (type !== 'Set' && type !== 'Map') return true;
  const said = node.id.typeAnnotation?.typeAnnotation;
  const readonly =
    said?.type === 'TSTypeReference' &&
    said.typeName.type === 'Identifier' &&
    /^Readonly(?:Set|Map)$/.test(said.typeName.name);
  return exported && !readonly;
}

function withoutTypes(node: Expression | null): Expression | null {
  return node?.type === 'TSAsExpression' || node?.type === 'TSSatisfiesExpression'
    ? withoutTypes(node.expression)
    : node;
}

function changedIn({ program }: SourceFile, names: ReadonlySet<string>): Set<string> {
  const changed = new Set<string>();
  const change = (node: Node): void => {
    if (node.type !== 'MemberExpression') return;
    if (node.object.type === 'Identifier' && names.has(node.object.name)) changed.add(node.object.name);
    change(node.object);
  };
  new Visitor({
    AssignmentExpression: node => change(node.left),
    UpdateExpression: node => change(node.argument),
    UnaryExpression: node => {
      if (node.operator === 'delete') change(node.argument);
    },
    CallExpression: node => {
      const { callee } = node;
      if (
        callee.type === 'MemberExpression' &&
        !callee.computed &&
        'name' in callee.property &&
        mutators.test(callee.property.name)
      ) {
        change(callee);
      }
    },
  }).visit(program);
  return changed;
}

function staticsOf({ program }: SourceFile): { name: string; offset: number }[] {
  const statics: { name: string; offset: number }[] = [];
  new Visitor({
    PropertyDefinition: node => {
      if (!node.static || (node.readonly && withoutTypes(node.value)?.type !== 'NewExpression')) return;
      const { key } = node;
      const named = key.type === 'Identifier' || key.type === 'PrivateIdentifier';
      statics.push({ name: named ? key.name : '(computed)', offset: node.start });
    },
  }).visit(program);
  return statics;
}

export const stateRules: readonly Rule[] = [
  placeRule(
    'has no variable of the module',
    ({ program }, report) => {
      for (const statement of program.body) {
        const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
        if (declaration?.type === 'VariableDeclaration' && declaration.kind !== 'const') {
          report(declaration.start, `declares with ${declaration.kind} what is the whole process’s`);
        }
      }
    },
    {
      broken: [
        ['lib/services/http/request-id.ts', 'let count = 0;'],
        ['lib/services/http/request-id.ts', 'export let count = 0;'],
        ['lib/services/http/request-id.ts', 'var count = 0;'],
      ],
      kept: [['lib/services/http/request-id.ts', 'const limit = 10; function f() { let count = 0; return ++count; }']],
    },
  ),
  placeRule(
    'keeps nothing for the whole process but what is listed with a reason',
    (file, report) => {
      for (const { name, offset } of stateOf(file)) {
        if (!(`${file.path}#${name}` in knownState)) report(offset, `keeps ${name}`);
      }
    },
    {
      broken: [
        ['lib/plan/plan.ts', 'const plans = new WeakMap<object, Plan>();'],
        ['lib/plan/plan.ts', 'const plans = new Map<string, Plan>(); export const add = (p) => plans.set(p.id, p);'],
        ['lib/plan/plan.ts', 'export const ids = new Set<string>();'],
        ['lib/plan/plan.ts', 'const ids: string[] = []; export const add = (id) => ids.push(id);'],
        ['lib/plan/plan.ts', 'const last = { id: "" }; export const add = (id) => { last.id = id; };'],
        ['lib/plan/plan.ts', 'const counts = { plans: { made: 0 } }; export const add = () => counts.plans.made++;'],
        ['lib/plan/plan.ts', 'const ids = {}; export const forget = (id) => { delete ids[id]; };'],
        ['lib/plan/plan.ts', 'export const planner = new Planner();'],
        ['lib/plan/plan.ts', 'const planner = new Planner() as Planner;'],
        ['lib/plan/plan.ts', 'class Planner { static count = 0; }'],
        ['lib/plan/plan.ts', 'class Planner { static readonly #made = new Set<Plan>(); }'],
      ],
      kept: [
        ['lib/plan/plan.ts', `const words = new Set(['a']); export const has = (w) => words.has(w);`],
        ['lib/plan/plan.ts', `export const words: ReadonlySet<string> = new Set(['a']);`],
        ['lib/plan/plan.ts', 'const name = new RegExp(source); class Plan { static readonly limit = 10; }'],
        ['decorators/annotations.ts', 'const drafts = new WeakMap<object, Draft>();'],
      ],
    },
  ),
];
