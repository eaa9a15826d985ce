import { isDeepStrictEqual } from 'node:util';
import { anyOf } from './any-of.js';
import { misfit, type Fit, type Project, type Projected } from './fit.js';
import type { ArrayShape, JsonType, ObjectShape, PlainShape, Shape } from './json-shape.js';
import { resolved } from './json-shape.js';
import { isAbsent, jsonMember, jsonString, jsonText, jsonValueOf, ownValues } from './json-value.js';

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
        return jsonMember;
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
    if (values) return oneOf(values);
    const only = types?.length === 1 ? types[0] : undefined;
    if (only === 'string') return ofString;
    if (only === 'boolean') return ofBoolean;
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
      // Of a structure that is declared, another is not meant where no type says so.
      if (!types && (object || array) && isObjectOrList(value)) return fit.fails('type');
      return jsonText(value);
    };
  }

  #object({ properties, patterns, additional }: ObjectShape) {
    const members = [...properties]
      .filter(([name]) => name !== '__proto__')
      .map(([name, { shape, required, fallback }]) => ({
        name,
        label: `${JSON.stringify(name)}:`,
        project: this.compile(shape),
        required,
        fallback: fallback === undefined ? undefined : JSON.stringify(fallback),
      }));
    const byPattern = patterns.map(([pattern, shape]) => [pattern, this.compile(shape)] as const);
    const others = additional && this.compile(additional);
    const declared = new Set(members.map(({ name }) => name));
    const isClosed = !others && byPattern.length === 0;

    /** The members in `value` that are not declared by name. */
    const projectOthers = (value: Readonly<Record<string, unknown>>, fit: Fit): string | typeof misfit => {
      let text = '';
      for (const key of Object.keys(value)) {
        if (declared.has(key)) continue;
        const project = byPattern.find(([pattern]) => pattern.test(key))?.[1] ?? others;
        const projected = project && !isAbsent(value[key]) ? project(value[key], key, fit) : undefined;
        if (projected === misfit && isAbsent(jsonValueOf(value[key], key))) continue;
        if (projected === misfit) return fit.failsBelow(key);
        if (!project) fit.left++;
        else if (projected !== undefined) text += `,${jsonString(key)}:${projected}`;
      }
      return text;
    };

    return (given: object, fit: Fit): Projected => {
      const value = ownValues(given);
      let text = '';
      let taken = 0;
      for (const { name, label, project, required, fallback } of members) {
        const part = value[name];
        let projected = part === undefined ? undefined : project(part, name, fit);
        if (projected === misfit) {
          if (!isAbsent(jsonValueOf(part, name))) return fit.failsBelow(name);
          projected = undefined;
        }
        if (projected === undefined) {
          if (fallback === undefined && required) {
            fit.fails('required');
            return fit.failsBelow(name);
          }
          projected = fallback;
        } else taken++;
        if (projected !== undefined) text += text === '' ? label + projected : `,${label}${projected}`;
      }
      if (isClosed) {
        if (fit.counts) fit.left += Object.keys(value).length - taken;
        return `{${text}}`;
      }
      const rest = projectOthers(value, fit);
      if (rest === misfit) return misfit;
      return text === '' ? `{${rest.slice(1)}}` : `{${text}${rest}}`;
    };
  }

  #array({ first, rest }: ArrayShape) {
    const projections = first.map(shape => this.compile(shape));
    const others = this.compile(rest);
    return (value: readonly unknown[], fit: Fit): Projected => {
      let text = '';
      for (let n = 0; n < value.length; n++) {
        const project = n < projections.length ? projections[n]! : others;
        // What has no JSON of its own stands as null in a list.
        let projected = project(isAbsent(value[n]) ? null : value[n], n, fit);
        // That may show only once its toJSON() is asked.
        if (projected === misfit && isAbsent(jsonValueOf(value[n], n))) projected = project(null, n, fit);
        if (projected === misfit) return fit.failsBelow(n);
        if (n > 0) text += ',';
        text += projected ?? 'null';
      }
      return `[${text}]`;
    };
  }
}

function oneOf(values: readonly unknown[]): Project {
  const texts = new Map(values.map(value => [value, JSON.stringify(value)]));
  const structures = values.filter(value => typeof value === 'object' && value !== null);
  return (given, key, fit) => {
    const value = jsonValueOf(given, key);
    const known = texts.get(value);
    if (known !== undefined) return known;
    const structure = structures.length > 0 && isObjectOrList(value) ? jsonText(value) : undefined;
    const same = structures.find(one => typeof structure === 'string' && isDeepStrictEqual(one, JSON.parse(structure)));
    return same === undefined ? fit.fails('enum') : JSON.stringify(same);
  };
}

function ofString(given: unknown, key: string | number, fit: Fit): Projected {
  const value = typeof given === 'string' ? given : jsonValueOf(given, key);
  return typeof value === 'string' ? jsonString(value) : fit.fails('type');
}

function ofBoolean(given: unknown, key: string | number, fit: Fit): Projected {
  const value = typeof given === 'boolean' ? given : jsonValueOf(given, key);
  return typeof value === 'boolean' ? String(value) : fit.fails('type');
}

function ofNumber(type: 'number' | 'integer'): Project {
  const fits = type === 'integer' ? Number.isInteger : Number.isFinite;
  return (given, key, fit) => {
    const value = typeof given === 'number' ? given : jsonValueOf(given, key);
    return fits(value) ? String(value) : fit.fails('type');
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

function isObjectOrList(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
