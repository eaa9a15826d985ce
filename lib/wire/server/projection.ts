import type { ArrayShape, JsonType, ObjectShape, PlainShape, Shape } from './json-shape.js';
import { resolved } from './json-shape.js';
import { isAbsent, jsonValueOf, ownValues } from './json-value.js';

/** What a projection gives for a value that does not fit; `Fit` says where and why. */
export const misfit = Symbol('misfit');

/** What goes on while one value is projected. */
export class Fit {
  /** Where the misfit is: a JSON pointer. */
  pointer = '';
  /** Which rule it breaks. */
  rule = '';
  /** Whether anybody wants to know how many keys are left out; only unions do. */
  counts = false;
  left = 0;

  fails(rule: string): typeof misfit {
    this.pointer = '';
    this.rule = rule;
    return misfit;
  }

  failsBelow(key: string | number): typeof misfit {
    this.pointer = `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}${this.pointer}`;
    return misfit;
  }
}

/**
 * A copy of `value` as JSON text would carry it, with only what a schema declares; `misfit` where it is not of the
 * declared types. Lengths, formats and the like are not looked at: what a plugin says of itself is believed so far.
 *
 * `key` is what holds the value, for `toJSON()`.
 */
export type Project = (value: unknown, key: string | number, fit: Fit) => unknown;

/** Compiles the projection onto a shape. */
export function projectionOf(shape: Shape): Project {
  return new ProjectionCompiler().compile(shape);
}

class ProjectionCompiler {
  readonly #known = new Map<Shape, Project>();

  compile(shape: Shape): Project {
    const found = resolved(shape);
    const known = this.#known.get(found);
    if (known) return known;
    let compiled: Project | undefined;
    this.#known.set(found, (value, key, fit) => compiled!(value, key, fit));
    compiled = this.#compileNew(found);
    this.#known.set(found, compiled);
    return compiled;
  }

  #compileNew(shape: Exclude<Shape, { kind: 'reference' }>): Project {
    switch (shape.kind) {
      case 'any':
        return value => (isAbsent(value) ? undefined : value);
      case 'never':
        return (_value, _key, fit) => fit.fails('never');
      case 'one':
        return anyOf(shape.branches.map(branch => this.compile(branch)));
      case 'plain':
        return this.#plain(shape);
    }
  }

  #plain(shape: PlainShape): Project {
    const { types, values } = shape;
    const object = shape.object && this.#object(shape.object);
    const array = shape.array && this.#array(shape.array);
    if (values) return oneOf(new Set(values));
    const only = types?.length === 1 ? types[0] : undefined;
    if (only === 'string' || only === 'boolean') return ofPrimitive(only);
    if (only === 'number' || only === 'integer') return ofNumber(only);
    if (only === 'array' && array) {
      return (given, key, fit) => {
        const value = Array.isArray(given) && !('toJSON' in given) ? given : jsonValueOf(given, key);
        return Array.isArray(value) ? array(value, fit) : fit.fails('type');
      };
    }
    if (only === 'object' && object) {
      return (given, key, fit) => {
        const value = jsonValueOf(given, key);
        return isObject(value) ? object(value, fit) : fit.fails('type');
      };
    }
    return (given, key, fit) => {
      const value = jsonValueOf(given, key);
      if (types && !types.some(type => isOfType(value, type))) return fit.fails('type');
      if (object && isObject(value)) return object(value, fit);
      if (array && Array.isArray(value)) return array(value, fit);
      return value;
    };
  }

  #object({ properties, patterns, additional }: ObjectShape) {
    const names = [...properties.keys()].filter(name => name !== '__proto__');
    const rules = names.map(name => properties.get(name)!);
    const projections = rules.map(({ shape }) => this.compile(shape));
    const byPattern = patterns.map(([pattern, shape]) => [pattern, this.compile(shape)] as const);
    const others = additional && this.compile(additional);
    const declared = new Set(names);
    const isClosed = !others && byPattern.length === 0;

    const projectOthers = (value: Readonly<Record<string, unknown>>, result: object, fit: Fit): boolean => {
      for (const key of Object.keys(value)) {
        if (declared.has(key)) continue;
        const project = byPattern.find(([pattern]) => pattern.test(key))?.[1] ?? others;
        const projected = project && !isAbsent(value[key]) ? project(value[key], key, fit) : undefined;
        if (projected === misfit && isAbsent(jsonValueOf(value[key], key))) continue;
        if (projected === misfit) {
          fit.failsBelow(key);
          return false;
        }
        if (!project) fit.left++;
        // Not by assignment: of '__proto__' that would make a prototype.
        else if (projected !== undefined) Object.defineProperty(result, key, { value: projected, ...plainly });
      }
      return true;
    };

    return (given: object, fit: Fit): unknown => {
      const value = ownValues(given);
      const result: Record<string, unknown> = {};
      for (let n = 0; n < names.length; n++) {
        const name = names[n]!;
        const part = value[name];
        const projected = part === undefined ? undefined : projections[n]!(part, name, fit);
        if (projected !== undefined && projected !== misfit) {
          result[name] = projected;
          continue;
        }
        if (projected === misfit && !isAbsent(jsonValueOf(part, name))) return fit.failsBelow(name);
        const { required, fallback } = rules[n]!;
        if (fallback !== undefined) result[name] = fallback;
        else if (required) {
          fit.fails('required');
          return fit.failsBelow(name);
        }
      }
      if (isClosed) {
        if (fit.counts) fit.left += Object.keys(value).filter(key => !(key in result)).length;
      } else if (!projectOthers(value, result, fit)) return misfit;
      return result;
    };
  }

  #array({ first, rest }: ArrayShape) {
    const projections = first.map(shape => this.compile(shape));
    const others = this.compile(rest);
    return (value: readonly unknown[], fit: Fit): unknown => {
      const result: unknown[] = [];
      for (let n = 0; n < value.length; n++) {
        const project = n < projections.length ? projections[n]! : others;
        // What has no JSON of its own stands as null in a list.
        let projected = project(isAbsent(value[n]) ? null : value[n], n, fit);
        // That may show only once its toJSON() is asked.
        if (projected === misfit && isAbsent(jsonValueOf(value[n], n))) projected = project(null, n, fit);
        if (projected === misfit) return fit.failsBelow(n);
        result.push(projected === undefined ? null : projected);
      }
      return result;
    };
  }
}

const plainly = { enumerable: true, writable: true, configurable: true };

/** The branch that fits and leaves the least out; of several the first. */
function anyOf(branches: readonly Project[]): Project {
  return (value, key, fit) => {
    const { counts, left } = fit;
    let best: unknown = misfit;
    let least = Infinity;
    fit.counts = true;
    for (const branch of branches) {
      fit.left = 0;
      const projected = branch(value, key, fit);
      if (projected === misfit || fit.left >= least) continue;
      best = projected;
      least = fit.left;
      if (least === 0) break;
    }
    fit.counts = counts;
    fit.left = best === misfit ? left : left + least;
    return best === misfit ? fit.fails('anyOf') : best;
  };
}

function oneOf(values: ReadonlySet<unknown>): Project {
  return (given, key, fit) => {
    const value = jsonValueOf(given, key);
    return values.has(value) ? value : fit.fails('enum');
  };
}

function ofPrimitive(type: 'string' | 'boolean'): Project {
  return (given, key, fit) => {
    if (typeof given === type) return given;
    const value = jsonValueOf(given, key);
    return typeof value === type ? value : fit.fails('type');
  };
}

function ofNumber(type: 'number' | 'integer'): Project {
  const fits = type === 'integer' ? Number.isInteger : Number.isFinite;
  return (given, key, fit) => {
    if (fits(given)) return given;
    const value = jsonValueOf(given, key);
    return fits(value) ? value : fit.fails('type');
  };
}

function isOfType(value: unknown, type: JsonType): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
