import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  type CST,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import type { Problem } from '../../errors/problem.js';
import { isForbiddenKey, type ConfigNode } from './config-node.js';
import { joinPath } from './config-path.js';
import { keyStep } from '../../errors/key-step.js';
import { invalidValue, unusableFile } from './config-problems.js';
import { forbiddenKey, maxDepth } from './plain-config.js';
import { describeYamlError } from './yaml-errors.js';

const plainTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(name => `tag:yaml.org,2002:${name}`),
);

/** Turns YAML, and JSON, which is YAML too, into configuration values that know their line. */
export class YamlReader {
  /** `undefined` for a text without a value, and for one with problems. */
  read(text: string, file: string, problems: Problem[]): ConfigNode | undefined {
    const lines = new LineCounter();
    const tokens = [...new Parser(lines.addNewLine).parse(text)];
    // The composer recurses, and deep recursion inside it can end the process instead of throwing.
    const tooDeep = offsetOfTooDeep(tokens);
    if (tooDeep !== undefined) {
      const { line, col } = lines.linePos(tooDeep);
      const message = `The file is nested deeper than ${maxDepth} levels`;
      problems.push(unusableFile(`${file}:${line}:${col}`, message, 'flatten it.'));
      return undefined;
    }
    const documents = [...new Composer({ uniqueKeys: false }).compose(tokens, true, text.length)];
    const conversion = new Conversion(lines, file);
    const node = conversion.convert(documents);
    problems.push(...conversion.problems);
    return conversion.problems.length > 0 ? undefined : node;
  }
}

class Conversion {
  readonly problems: Problem[] = [];
  readonly #lines: LineCounter;
  readonly #file: string;
  readonly #anchors = new Map<string, ConfigNode>();

  constructor(lines: LineCounter, file: string) {
    this.#lines = lines;
    this.#file = file;
  }

  convert([document, second]: readonly Document[]): ConfigNode | undefined {
    if (!document) return undefined;
    const lines = new Set<number>();
    for (const { code, pos } of [...document.errors, ...document.warnings]) {
      const { line } = this.#lines.linePos(pos[0]);
      // One mistake often makes several errors of its line.
      if (!lines.has(line)) this.problems.push(describeYamlError(code, this.#place(pos[0])));
      lines.add(line);
    }
    if (second) this.problems.push(describeYamlError('MULTIPLE_DOCS', this.#place(second.range?.[0] ?? 0)));
    if (this.problems.length > 0 || document.contents === null) return undefined;
    const { contents } = document;
    return this.#node(contents, '', this.#place(contents.range?.[0] ?? 0));
  }

  #node(node: Node, key: string, place: string): ConfigNode {
    const value = this.#value(node, key, place);
    if ('anchor' in node && node.anchor) this.#anchors.set(node.anchor, value);
    return value;
  }

  #value(node: Node, key: string, place: string): ConfigNode {
    if (isAlias(node)) return this.#anchors.get(node.source) ?? this.#refuseAlias(key, place);
    if ('tag' in node && node.tag && !plainTags.has(node.tag)) this.#refuseTag(key, place);
    if (isMap(node)) return this.#object(node.items, key, place);
    if (isSeq(node)) {
      const items = (node.items as Node[]).map((item, index) =>
        this.#node(item, joinPath(key, index), this.#place(item.range?.[0] ?? 0)),
      );
      return { kind: 'list', items, place };
    }
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.problems.push(
        invalidValue(key, place, `Configuration key '${key}' is not a finite number`, 'write a number.'),
      );
    }
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return { kind: 'scalar', value: isPlain ? value : null, place };
  }

  #object(pairs: readonly Pair[], key: string, place: string): ConfigNode {
    const entries = new Map<string, ConfigNode>();
    for (const pair of pairs) {
      const keyPlace = this.#place((pair.key as Node | null)?.range?.[0] ?? 0);
      const name = this.#name(pair.key, key, keyPlace);
      if (name === undefined) continue;
      const full = joinPath(key, name);
      const first = entries.get(name);
      if (isForbiddenKey(name)) this.problems.push(forbiddenKey(full, keyPlace));
      else if (first) this.problems.push(this.#twice(full, keyPlace));
      else entries.set(name, this.#pairValue(pair.value as Node | null, full, keyPlace));
    }
    return { kind: 'object', entries, place };
  }

  /** Scalars stand where they are written, objects and lists where their key is. */
  #pairValue(value: Node | null, key: string, keyPlace: string): ConfigNode {
    if (!value) return { kind: 'scalar', value: null, place: keyPlace };
    const hasText = isScalar(value) && value.range && value.range[1] > value.range[0];
    return this.#node(value, key, hasText ? this.#place(value.range![0]) : keyPlace);
  }

  #name(key: unknown, parent: string, place: string): string | undefined {
    if (isScalar(key) && key.value !== null) {
      const name = typeof key.value === 'string' ? key.value : (key.source ?? '');
      if (name !== '' && name !== '<<') return name;
    }
    const message = `An entry below '${parent}' has no plain name as its key`;
    this.problems.push({
      ...unusableFile(place, parent === '' ? 'An entry has no plain name as its key' : message, ''),
      fix: 'write a name before the colon; merge keys (<<) and composed keys are not supported, use $include.',
    });
    return undefined;
  }

  #twice(key: string, place: string): Problem {
    const message = `Configuration key '${key}' is there twice in one file`;
    return { code: 'CONFIG_FILE', message, path: [keyStep(key, place)], fix: 'remove one of the two.' };
  }

  #refuseAlias(key: string, place: string): ConfigNode {
    const message = `The alias at '${key}' names no anchor above it`;
    this.problems.push(unusableFile(place, message, 'set the anchor (&name) first, outside of what uses it (*name).'));
    return { kind: 'scalar', value: null, place };
  }

  #refuseTag(key: string, place: string): void {
    const message = `The YAML tag of configuration key '${key}' is not supported`;
    this.problems.push(unusableFile(place, message, 'remove the tag; configuration holds JSON data only.'));
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }
}

function offsetOfTooDeep(tokens: readonly CST.Token[]): number | undefined {
  const open = tokens.map(token => ({ token, depth: 0 }));
  for (let next = open.pop(); next; next = open.pop()) {
    const { token, depth } = next;
    if (depth > maxDepth) return token.offset;
    if ('value' in token && token.value) open.push({ token: token.value, depth: depth + 1 });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items as { key?: CST.Token | null; value?: CST.Token }[]) {
      if (key) open.push({ token: key, depth: depth + 1 });
      if (value) open.push({ token: value, depth: depth + 1 });
    }
  }
  return undefined;
}
