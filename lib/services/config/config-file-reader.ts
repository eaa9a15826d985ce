import { dirname, extname, resolve } from 'node:path';
import type { Problem } from '../../errors/problem.js';
import { realPath, type ConfigFiles } from './config-files.js';
import { describeType, type ConfigNode, type ConfigObject } from './config-node.js';
import { findNode, joinPath } from './config-path.js';
import { keyStep } from '../../errors/key-step.js';
import { unusableFile } from './config-problems.js';
import { maxDepth } from './plain-config.js';
import { substitute, variable } from './substitution.js';
import type { YamlReader } from './yaml-config.js';

/** How many values all files together may hold once aliases and includes are expanded. */
const maxValues = 100_000;

interface Context {
  /** The file in which the value stands; paths in it are relative to its folder. */
  readonly file: string;
  /** The folders that files must lie below. */
  readonly folders: readonly string[];
  /** The includes on the way to the value, as `<file>#<path>`. */
  readonly stack: readonly string[];
}

/** Reads configuration files: parses them, and puts in what their values ask for. */
export class ConfigFileReader {
  readonly problems: Problem[] = [];
  readonly #files: ConfigFiles;
  readonly #yaml: YamlReader;
  readonly #env: NodeJS.ProcessEnv;
  readonly #parsed = new Map<string, ConfigNode | undefined>();
  #values = 0;
  #stopped = false;

  constructor(files: ConfigFiles, yaml: YamlReader, env: NodeJS.ProcessEnv) {
    this.#files = files;
    this.#yaml = yaml;
    this.#env = env;
  }

  /** The configuration in `file`, whose text is `text`; `undefined` where there is none in it. */
  read(file: string, text: string, folders: readonly string[]): ConfigObject | undefined {
    const name = this.#files.describe(file);
    const parsed = this.#parse(file, text);
    const node = parsed && this.#expand(parsed, '', 0, { file, folders, stack: [`${realPath(file)}#`] });
    if (!node || node.kind === 'object') return node;
    if (node.kind === 'scalar' && node.value === null) return undefined;
    const message = `Configuration file '${name}' holds ${describeType(node)}, not an object`;
    this.problems.push(unusableFile(node.place, message, "write keys, as 'backend:', at the top of the file."));
    return undefined;
  }

  #parse(file: string, text: string): ConfigNode | undefined {
    if (!this.#parsed.has(file)) {
      this.#parsed.set(file, this.#yaml.read(text, this.#files.describe(file), this.problems));
    }
    return this.#parsed.get(file);
  }

  #expand(node: ConfigNode, key: string, depth: number, context: Context): ConfigNode | undefined {
    if (++this.#values > maxValues || depth > maxDepth) return this.#stop(key, node.place);
    if (node.kind === 'scalar') return substitute(node, this.#env);
    if (node.kind === 'list') {
      const items = node.items.map((item, index) => this.#expand(item, joinPath(key, index), depth + 1, context));
      return { ...node, items: items.filter(item => item !== undefined) };
    }
    if (node.kind === 'unset') return node;
    const directive = [...node.entries].find(([name]) => name.startsWith('$'));
    if (directive) return this.#follow(node, directive, key, depth, context);
    const entries = new Map<string, ConfigNode>();
    for (const [name, value] of node.entries) {
      const expanded = this.#expand(value, joinPath(key, name), depth + 1, context);
      if (expanded) entries.set(name, expanded);
    }
    return { ...node, entries };
  }

  /** Once is enough: whatever multiplies values would multiply this problem too. */
  #stop(key: string, place: string): undefined {
    if (this.#stopped) return;
    this.#stopped = true;
    const message = `Aliases and includes expand to more than ${maxValues} values, or deeper than ${maxDepth} levels`;
    this.#refuse(key, place, message, 'remove the aliases or includes that multiply it.');
  }

  #follow(
    node: ConfigObject,
    [name, raw]: readonly [string, ConfigNode],
    key: string,
    depth: number,
    context: Context,
  ): ConfigNode | undefined {
    if (node.entries.size > 1) {
      return this.#refuse(key, raw.place, `'${name}' has other keys beside it`, 'move them out of this object.');
    }
    const argument = raw.kind === 'scalar' ? substitute(raw, this.#env) : raw;
    if (argument.kind === 'unset') return argument;
    const text = argument.kind === 'scalar' && typeof argument.value === 'string' ? argument.value : '';
    if (text === '') {
      return this.#refuse(key, raw.place, `'${name}' needs a text`, 'write a variable or a path after it.');
    }
    const { place } = raw;
    if (name === '$env') {
      const value = variable(this.#env, text);
      return value === undefined ? { kind: 'unset', variables: [text], place } : { kind: 'scalar', value, place };
    }
    if (name === '$file') {
      const found = this.#open(text, key, place, context);
      return found && { kind: 'scalar', value: found.text.trimEnd(), place };
    }
    if (name === '$include') return this.#include(text, key, place, depth, context);
    return this.#refuse(key, place, `'${name}' means nothing`, 'write $env, $file or $include, or a name without $.');
  }

  #include(text: string, key: string, place: string, depth: number, context: Context): ConfigNode | undefined {
    const hash = text.indexOf('#');
    const [name, path] = hash < 0 ? [text, ''] : [text.slice(0, hash), text.slice(hash + 1)];
    if (!['.json', '.yaml', '.yml'].includes(extname(name))) {
      return this.#refuse(
        key,
        place,
        `'${name}' is no JSON or YAML file`,
        'include a file that ends in .yaml, .yml or .json.',
      );
    }
    const found = this.#open(name, key, place, context);
    if (!found) return undefined;
    const step = `${found.file}#${path}`;
    if (context.stack.includes(step)) {
      const cycle = [...context.stack.slice(context.stack.indexOf(step)), step];
      const files = cycle.map(s => `'${this.#files.describe(s.replace(/#$/, ''))}'`).join(' -> ');
      return this.#refuse(key, place, `'${text}' includes itself: ${files}`, 'remove one of these includes.');
    }
    const parsed = this.#parse(found.file, found.text);
    if (!parsed) return undefined;
    const { node } = findNode(parsed, path);
    if (!node) return this.#refuse(key, place, `'${name}' has nothing at '${path}'`, 'correct the path after the #.');
    return this.#expand(node, key, depth + 1, { ...context, file: found.file, stack: [...context.stack, step] });
  }

  #open(name: string, key: string, place: string, context: Context): { file: string; text: string } | undefined {
    const file = this.#files.confine(resolve(dirname(context.file), name), context.folders);
    if (file === undefined) {
      const fix = 'move it there, or name its folder in the environment variable BACKPLANE_CONFIG_FOLDERS.';
      return this.#refuse(key, place, `File '${name}' lies outside of the folder of the configuration`, fix);
    }
    const found = this.#files.read(file);
    if (found.text !== undefined) return { file, text: found.text };
    return this.#refuse(key, place, `File '${name}' ${found.refusal}`, found.fix);
  }

  #refuse(key: string, place: string, message: string, fix: string): undefined {
    this.problems.push({ code: 'CONFIG_FILE', message, path: [keyStep(key, place)], fix });
  }
}
