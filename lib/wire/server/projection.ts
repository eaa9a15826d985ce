import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../../util/is-object.js';
import { anyOf } from './any-of.js';
import { misfit, type Append, type Fit, type Project, type Projected } from './fit.js';
import type { ArrayShape, JsonType, ObjectShape, PlainShape, Shape } from './json-shape.js';
import { resolved } from './json-shape.js';
import { isAbsent, isPlainObject, jsonMember, jsonString, jsonText, jsonValueOf, ownValues } from './json-value.js';

/** Compiles the projection onto a shape. */
export function projectionOf(shape: Shape): Project {
  const append = new ProjectionCompiler().compile(shape);
  return (value, key, fit) => append('', value, key, fit);
}

class ProjectionCompiler {
  readonly #known = new Map<Shape, Append>();

  compile(shape: Shape): Append {
    const found = resolved(shape);
    const known = this.#known.get(found);
    if (known) return known;
    let compiled: Append | undefined;
    this.#known.set(found, (before, value, key, fit) => compiled!(before, value, key, fit));
    compiled = this.#compileNew(found);
    this.#known.set(found, compiled);
    return compiled;
  }

  #compileNew(shape: Exclude<Shape, { kind: 'reference' }>): Append {
    switch (shape.kind) {
      case 'any':
        return (before, value, key) => joined(before, jsonMember(value, key));
      case 'never':
        return (_before, _value, _key, fit) => fit.fails('never');
      case 'one':
        return anyOf(shape.branches.map(branch => this.compile(branch)));
      case 'plain':
        return this.#plain(shape);
    }
  }

  #plain(shape: PlainShape): Append {
    const { types, values } = shape;
    const object = shape.object && this.#object(shape.object);
    const array = shape.array && this.#array(shape.array);
    if (values) return oneOf(values);
    const only = types?.length === 1 ? types[0] : undefined;
    if (only === 'string') return ofString;
    if (only === 'boolean') return ofBoolean;
    if (only === 'number' || only === 'integer') return ofNumber(only);
    if (only === 'array' && array) {
      return (before, given, key, fit) => {
        const value = Array.isArray(given) && !('toJSON' in given) ? given : jsonValueOf(given, key);
        return Array.isArray(value) ? array(before, value, fit) : fit.fails('type');
      };
    }
    if (only === 'object' && object) {
      return (before, given, key, fit) => {
        if (isPlainObject(given)) return object(before, given, fit);
        const value = jsonValueOf(given, key);
        return isObject(value) ? object(before, ownValues(value), fit) : fit.fails('type');
      };
    }
    return (before, given, key, fit) => {
      const value = jsonValueOf(given, key);
      if (types && !types.some(type => isOfType(value, type))) return fit.fails('type');
      if (object && isObject(value)) return object(before, ownValues(value), fit);
      if (array && Array.isArray(value)) return array(before, value, fit);
      // Of a structure that is declared, another is not meant where no type says so.
      if (!types && (object || array) && isObjectOrList(value)) return fit.fails('type');
      return joined(before, jsonText(value));
    };
  }

  #object({ properties, patterns, additional }: ObjectShape) {
    const members = [...properties]
      .filter(([name]) => name !== '__proto__')
      .map(([name, { shape, required, fallback }]) => ({
        name,
        first: `{${JSON.stringify(name)}:`,
        next: `,${JSON.stringify(name)}:`,
        append: this.compile(shape),
        required,
        fallback: fallback === undefined ? undefined : JSON.stringify(fallback),
      }));
    const byPattern = patterns.map(([pattern, shape]) => [pattern, this.compile(shape)] as const);
    const others = additional && this.compile(additional);
    const declared = new Set(members.map(({ name }) => name));
    const isClosed = !others && byPattern.length === 0;

    /** Adds the members in `value` that are not declared by name. */
    const appendOthers = (before: string, value: Readonly<Record<string, unknown>>, fit: Fit, isFirst: boolean) => {
      let text = before;
      let isEmpty = isFirst;
      for (const key of Object.keys(value)) {
        if (declared.has(key)) continue;
        const append = byPattern.find(([pattern]) => pattern.test(key))?.[1] ?? others;
        if (!append) fit.left++;
        if (!append || isAbsent(value[key])) continue;
        const appended = append(`${text}${isEmpty ? '{' : ','}${jsonString(key)}:`, value[key], key, fit);
        if (appended === misfit && !isAbsent(jsonValueOf(value[key], key))) return fit.failsBelow(key);
        if (typeof appended !== 'string') continue;
        text = appended;
        isEmpty = false;
      }
      return isEmpty ? `${text}{` : text;
    };

    return (before: string, value: Readonly<Record<string, unknown>>, fit: Fit): Projected => {
      let text = before;
      let isEmpty = true;
      let taken = 0;
      for (const { name, first, next, append, required, fallback } of members) {
        const label = isEmpty ? first : next;
        const part = value[name];
        let appended = part === undefined ? undefined : append(text + label, part, name, fit);
        if (appended === misfit) {
          if (!isAbsent(jsonValueOf(part, name))) return fit.failsBelow(name);
          appended = undefined;
        }
        if (appended === undefined) {
          if (fallback === undefined) {
            if (!required) continue;
            fit.fails('required');
            return fit.failsBelow(name);
          }
          appended = text + label + fallback;
        } else taken++;
        text = appended;
        isEmpty = false;
      }
      if (isClosed) {
        if (fit.counts) fit.left += Object.keys(value).length - taken;
        return isEmpty ? `${text}{}` : `${text}}`;
      }
      const whole = appendOthers(text, value, fit, isEmpty);
      return whole === misfit ? misfit : `${whole}}`;
    };
  }

  #array({ first, rest }: ArrayShape) {
    const items = first.map(shape => this.compile(shape));
    const others = this.compile(rest);
    return (before: string, value: readonly unknown[], fit: Fit): Projected => {
      let text = `${before}[`;
      for (let n = 0; n < value.length; n++) {
        const append = n < items.length ? items[n]! : others;
        const start = n > 0 ? `${text},` : text;
        // What has no JSON of its own stands as null in a list.
        let appended = append(start, isAbsent(value[n]) ? null : value[n], n, fit);
        // That may show only once its toJSON() is asked.
        if (appended === misfit && isAbsent(jsonValueOf(value[n], n))) appended = append(start, null, n, fit);
        if (appended === misfit) return fit.failsBelow(n);
        text = appended ?? `${start}null`;
      }
      return `${text}]`;
    };
  }
}

function joined(before: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : before + text;
}

function oneOf(values: readonly unknown[]): Append {
  const texts = new Map(values.map(value => [value, JSON.stringify(value)]));
  const structures = values.filter(value => typeof value === 'object' && value !== null);
  return (before, given, key, fit) => {
    const value = jsonValueOf(given, key);
    const known = texts.get(value);
    if (known !== undefined) return before + known;
    const structure = structures.length > 0 && isObjectOrList(value) ? jsonText(value) : undefined;
    const same = structures.find(one => typeof structure === 'string' && isDeepStrictEqual(one, JSON.parse(structure)));
    return same === undefined ? fit.fails('enum') : before + JSON.stringify(same);
  };
}

const ofString: Append = (before, given, key, fit) => {
  const value = typeof given === 'string' ? given : jsonValueOf(given, key);
  return typeof value === 'string' ? before + jsonString(value) : fit.fails('type');
};

const ofBoolean: Append = (before, given, key, fit) => {
  const value = typeof given === 'boolean' ? given : jsonValueOf(given, key);
  return typeof value === 'boolean' ? before + String(value) : fit.fails('type');
};

function ofNumber(type: 'number' | 'integer'): Append {
  const fits = type === 'integer' ? Number.isInteger : Number.isFinite;
  return (before, given, key, fit) => {
    const value = typeof given === 'number' ? given : jsonValueOf(given, key);
    return fits(value) ? before + String(value) : fit.fails('type');
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
