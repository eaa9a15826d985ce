import { types } from 'node:util';
import type { Class } from '../../decorators/tokens.js';
import type { ClassReader, ClassRecord } from '../api/class-record.js';
import type { Feature, Rank } from '../api/feature.js';
import { isOfOtherCopy } from '../api/framework-copy.js';
import { importing } from '../api/importing.js';
import { withDeadline } from '../util/deadline.js';
import { importProblems } from '../errors/import-problem.js';
import type { Problem } from '../errors/problem.js';
import {
  endlessFeatures,
  featuresTooDeep,
  notAFeature,
  partOfAFeature,
  undecoratedFeature,
} from './feature-problems.js';

/** What is given to a backend: classes, module namespaces, promises, arrays, and functions or classes that load more. */
export type FeatureInput = unknown;

/** A promise among the features that rejects before its turn has come must not count as unhandled. */
export function quieten(input: unknown): void {
  const seen = new Set<unknown>([input]);
  for (const met of seen) {
    if (types.isPromise(met)) met.catch(() => {});
    if (Array.isArray(met)) for (const member of met) seen.add(member);
  }
}

export interface Collected {
  readonly features: Feature[];
  readonly loaders: { readonly record: ClassRecord; readonly origin: string }[];
  /** What modules export besides; somebody else is to name them. */
  readonly controllers: ClassRecord[];
  readonly problems: Problem[];
}

interface Collecting {
  readonly reader: ClassReader;
  readonly rank: Rank;
  readonly origin: string;
  /** How long a promise of a feature may take, in ms; one that never settles would end the process without a word. */
  readonly importTimeout?: number | undefined;
}

/**
 * Turns what was given to a backend into features, in order. Loader classes are left for later, since they may depend
 * on services that come after them. Failures are problems of the one thing that failed.
 */
export async function collectFeatures(
  input: FeatureInput,
  { reader, rank, origin, importTimeout }: Collecting,
): Promise<Collected> {
  const collector = new Collector(reader, rank, importTimeout);
  await collector.add(input, origin);
  return collector;
}

/** How deep lists, promises and loaders may lie in each other: what lies deeper makes itself anew. */
const deepest = 64;

/** How many things one iterator may give: one that never ends would take all memory there is. */
const longest = 10_000;

class Collector implements Collected {
  readonly features: Feature[] = [];
  readonly loaders: Collected['loaders'] = [];
  readonly controllers: ClassRecord[] = [];
  readonly problems: Problem[] = [];
  readonly #reader: ClassReader;
  readonly #seen = new Set<Class>();
  readonly #importTimeout: number;
  #rank: Rank;
  /** What is being looked into, outermost first. */
  readonly #within: unknown[] = [];

  constructor(reader: ClassReader, rank: Rank, importTimeout = 30_000) {
    this.#importTimeout = importTimeout;
    this.#reader = reader;
    this.#rank = rank;
  }

  /** Whatever goes wrong with one thing is its problem alone: a getter or an iterator may throw as well. */
  async add(input: unknown, origin: string): Promise<void> {
    if (this.#within.length === deepest || this.#within.includes(input)) {
      this.problems.push(featuresTooDeep(origin));
      return;
    }
    this.#within.push(input);
    try {
      await this.#add(input, origin);
    } catch (error) {
      this.problems.push(...importProblems(error, origin));
    } finally {
      this.#within.pop();
    }
  }

  async #add(input: unknown, origin: string): Promise<void> {
    if (Array.isArray(input)) return this.#addAll(input, origin);
    if (isPromise(input)) return this.#addPromise(input, origin);
    if (typeof input === 'function') return isClass(input) ? this.#addClass(input, origin) : this.#load(input, origin);
    if (isIterable(input)) return this.#addIterable(input, origin);
    if (isNamespace(input)) return this.#addNamespace(input, origin);
    this.problems.push(notAFeature(describe(input), origin));
  }

  async #addAll(inputs: readonly unknown[], origin: string): Promise<void> {
    quieten(inputs);
    for (const [index, input] of inputs.entries()) await this.add(input, `${origin}[${index}]`);
  }

  async #addPromise(promise: PromiseLike<unknown>, origin: string): Promise<void> {
    await this.add(await withDeadline(this.#importTimeout, () => promise), origin);
  }

  async #addIterable(input: AsyncIterable<unknown> | Iterable<unknown>, origin: string): Promise<void> {
    const features = iterate(input);
    for (let index = 0; index < longest; index++) {
      const { done, value } = await importing(origin, () => withDeadline(this.#importTimeout, () => features.next()));
      if (done) return;
      await this.add(value, `${origin}[${index}]`);
    }
    features.return(undefined).catch(() => {});
    this.problems.push(endlessFeatures(origin, longest));
  }

  /** Only `default` counts where there is one; CommonJS packages may have it twice. */
  async #addNamespace(namespace: Record<string, unknown>, origin: string): Promise<void> {
    if ('default' in namespace) {
      const { default: first } = namespace;
      return this.add(isNamespace(first) && 'default' in first ? first.default : first, origin);
    }
    const classes = Object.values(namespace).filter((value): value is Class => typeof value === 'function');
    const records = classes.map(c => this.#reader.read(c));
    const features = records.filter(isFeatureIn).map(({ target }) => target);
    this.controllers.push(...records.filter(({ role }) => role?.kind === 'controller'));
    // What a scan finds may be a library that others import; what somebody named must be something.
    if (features.length === 0 && this.#rank !== 'scan') {
      this.problems.push(notAFeature('a module that exports no feature', origin));
    }
    for (const feature of features) this.#addClass(feature, origin);
  }

  #addClass(target: Class, origin: string): void {
    const record = this.#reader.read(target);
    switch (roleInFeatures(record)) {
      case 'loader':
        this.loaders.push({ record, origin });
        break;
      case 'feature':
        if (!this.#seen.has(target)) this.features.push({ record, rank: this.#rank, origin });
        this.#seen.add(target);
        break;
      case 'two-roles':
        // Told with what is wrong with classes, wherever they were met.
        break;
      case 'undecorated':
        this.problems.push(undecoratedFeature(record, origin));
        break;
      case 'part':
        this.problems.push(partOfAFeature(record, origin));
    }
  }

  async #load(loader: unknown, origin: string): Promise<void> {
    const rank = this.#rank;
    this.#rank = 'loader';
    const { name } = loader as { name: string };
    const from = `${origin} → loader${name ? ` ${name}` : ''}`;
    try {
      await this.add(importing(from, loader as () => unknown), from);
    } finally {
      this.#rank = rank;
    }
  }
}

async function* iterate(input: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<unknown, void> {
  yield* input;
}

type FeatureRole = 'feature' | 'loader' | 'two-roles' | 'undecorated' | 'part';

function roleInFeatures({ role, roles }: ClassRecord): FeatureRole {
  if (roles.length > 1) return 'two-roles';
  switch (role?.kind) {
    case 'plugin':
    case 'module':
    case 'service':
    case 'implementation':
    case 'wrapper':
      return 'feature';
    case 'feature-loader':
      return 'loader';
    case undefined:
      return 'undecorated';
    default:
      return 'part';
  }
}

/** Of what a module exports: what it exports besides, as tokens and private classes, is for other modules. */
function isFeatureIn(record: ClassRecord): boolean {
  const role = roleInFeatures(record);
  return role === 'undecorated' ? isOfOtherCopy(record.target) : role !== 'part';
}

/** Classes and functions look alike to `typeof`; every class of a module compiled for today's targets says `class`. */
function isClass(value: unknown): value is Class {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

function isNamespace(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return (
    (value as Record<symbol, unknown>)[Symbol.toStringTag] === 'Module' || 'default' in value || '__esModule' in value
  );
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? `an object of ${value.constructor?.name ?? 'no class'}` : `a ${typeof value}`;
}
