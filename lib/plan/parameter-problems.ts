import type { Class } from '../../decorators/tokens.js';
import type { ClassRecord, ParameterFault, ParameterRecord } from '../api/class-record.js';
import { otherCopyProblem } from '../api/framework-copy.js';
import { ModuleContext } from '../api/module-context.js';
import type { Problem } from '../errors/problem.js';
import { classNameOf } from '../util/class-name.js';
import { describeTrail, stepToParameter, type Trail } from './trail.js';

interface Explanation {
  readonly code: string;
  readonly what: string;
  readonly fix: string;
}

/** What one parameter alone can be blamed for. */
type OwnFault = Exclude<ParameterFault, 'no-metadata'>;

const explanations: Record<OwnFault, Explanation> = {
  'erased-interface': {
    code: 'ERASED_PARAMETER',
    what: 'has a type that does not exist at run time: an interface, a type alias, a union, or a class imported in a cycle',
    fix: 'make the type a class, or write @Inject(ref) with a reference made by createServiceRef<T>().',
  },
  'erased-import': {
    code: 'ERASED_PARAMETER',
    what: "has a type that does not exist at run time: a function type, or a class imported with 'import type'",
    fix: "import the class without 'type', or write @Inject(Token) before the parameter.",
  },
  primitive: {
    code: 'ERASED_PARAMETER',
    what: 'is a primitive, which names no service',
    fix: 'inject a class that holds the value, as one made with configOf(), or write @Inject(ref) with a reference made by createServiceRef<T>().',
  },
  array: {
    code: 'ERASED_PARAMETER',
    what: 'is an array, which names no service',
    fix: 'write @InjectAll(Token) before the parameter to receive every implementation of a multiton service.',
  },
  'undefined-token': {
    code: 'UNDEFINED_TOKEN',
    what: 'names a token that was undefined when the class was defined',
    fix: 'two modules import each other: move the token to a module of its own.',
  },
  'undecorated-base': {
    code: 'UNDECORATED_BASE',
    what: 'belongs to a base class without a decorator, so nobody recorded what it needs',
    fix: 'write @Injectable() above the base class, or give the class a constructor of its own.',
  },
};

/** What is wrong with a parameter that names nothing. */
export function faultyParameter(
  record: ClassRecord,
  parameter: ParameterRecord & { readonly fault: OwnFault },
  trail: Trail,
): Problem {
  const { code, what, fix } = explanations[parameter.fault];
  return {
    code,
    message: `${nameOf(parameter, record)} ${what}`,
    path: describeTrail(stepToParameter(trail, parameter)),
    fix,
  };
}

/** What is wrong with a parameter that names a class nobody declared. */
export function undecoratedClass(record: ClassRecord, parameter: ParameterRecord, trail: Trail): Problem {
  const token = parameter.token as Class | undefined;
  const name = describeToken(token);
  const path = () => describeTrail(stepToParameter(trail, parameter));
  return (
    otherCopyProblem(token, path) ?? {
      code: 'UNDECORATED_CLASS',
      message: `${nameOf(parameter, record)} asks for ${name}, which is not a token`,
      path: path(),
      fix: fixFor(token, name),
    }
  );
}

/** Arrow and bound functions have no prototype, so that they are nobody's class. */
function isClass(token: unknown): token is Class {
  return typeof token === 'function' && token.prototype !== undefined;
}

function describeToken(token: unknown): string {
  if (isClass(token)) return `class ${classNameOf(token)}`;
  if (typeof token === 'function') return 'a function';
  return typeof token === 'object' && token !== null ? 'an object' : String(token);
}

function fixFor(token: unknown, name: string): string {
  if (!isClass(token)) return 'name a class, or a reference made by createServiceRef<T>().';
  if (token === ModuleContext) {
    return 'only the class of an extension point with perModule: true can inject it: what it needs of it, it passes on.';
  }
  return classNameOf(token) === 'Container'
    ? 'the container is never handed out: inject what you need from it.'
    : `write @Injectable() above ${name} to make it a private class, or @Service({ id, scope }) to share it.`;
}

function nameOf({ index, of }: ParameterRecord, { name }: ClassRecord): string {
  return `Parameter ${index} of ${of ?? `the constructor of class ${name}`}`;
}
