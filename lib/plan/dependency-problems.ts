import type { ClassRecord, ParameterRecord } from '../api/class-record.js';
import type { Problem } from '../errors/problem.js';
import { closest } from '../util/did-you-mean.js';
import type { Catalogue } from './catalogue.js';
import type { Declaration } from './declaration.js';
import type { ExtensionPointIndex } from './extension-points.js';
import type { Requester } from './resolve-parameters.js';
import { describeOwner, describeTrail, step, stepInto, stepToParameter } from './trail.js';

export function missingService(
  { id, token, site }: Declaration,
  parameter: ParameterRecord,
  { trail }: Requester,
  catalogue: Catalogue,
): Problem {
  const others = [...catalogue.ids()].filter(other => other !== id);
  const near = closest(id, others);
  const name = typeof token === 'function' ? `class ${token.name}` : `createServiceRef(…)`;
  const way = stepToParameter(trail, parameter);
  return {
    code: 'MISSING_SERVICE',
    message: `No service implements '${id}'`,
    path: describeTrail(site ? step(way, `-> declared by ${name}`, site) : way),
    fix: near
      ? `did you mean '${near}'? Otherwise add a class with @Service({ implements: … }) for '${id}' to the features.`
      : `add a class with @Service({ implements: … }) for '${id}' to the features, or give its declaration a default.`,
  };
}

export function rootNeedsPlugin({ id }: Declaration, parameter: ParameterRecord, { owner, trail }: Requester): Problem {
  return {
    code: 'ROOT_NEEDS_PLUGIN_SERVICE',
    message: `${owner.kind === 'loader' ? 'The' : 'The root'} ${describeOwner(owner)} depends on '${id}', which each plugin has its own of`,
    path: describeTrail(stepToParameter(trail, parameter)),
    fix:
      owner.kind === 'loader'
        ? 'depend on root services only: a loader runs before there are plugins.'
        : `depend on root services only, or declare ${describeOwner(owner)} with scope: 'plugin'.`,
  };
}

export function multitonMismatch(
  { id, multiton }: Declaration,
  parameter: ParameterRecord,
  { trail }: Requester,
): Problem {
  return {
    code: 'MULTITON_MISMATCH',
    message: multiton ? `Service '${id}' has many implementations` : `Service '${id}' has one implementation, not many`,
    path: describeTrail(stepToParameter(trail, parameter)),
    fix: multiton
      ? 'write @InjectAll(Token) before the parameter, and make its type an array.'
      : 'write @Inject(Token), or declare the service with multiton: true.',
  };
}

/** Something asks for every implementation of what is no service. */
export function notManifold(
  declaration: Declaration | undefined,
  parameter: ParameterRecord,
  { trail }: Requester,
): Problem {
  const { token } = parameter;
  const name = declaration
    ? `Extension point '${declaration.id}'`
    : typeof token === 'function'
      ? `Class ${token.name}`
      : `A value of type '${typeof token}'`;
  return {
    code: 'MULTITON_MISMATCH',
    message: `${name} is not a service with many implementations`,
    path: describeTrail(stepToParameter(trail, parameter)),
    fix: 'write @Inject(Token), or nothing, before the parameter.',
  };
}

/** Something asks for a class that is part of another owner, or an implementation where the token is meant. */
export function privateClass(
  asked: ClassRecord,
  parameter: ParameterRecord,
  { owner, trail }: Requester,
  extensionPoints: ExtensionPointIndex,
): Problem {
  const point = extensionPoints.byClass(asked.target);
  const { role } = asked;
  const whose = point
    ? `implements extension point '${point.declaration.id}' for ${describeOwner(point.owner)}`
    : role?.kind === 'plugin'
      ? `is plugin '${role.options.pluginId}'`
      : role?.kind === 'module'
        ? `is module '${role.options.moduleId}' of plugin '${role.options.pluginId}'`
        : `is private: it has @${asked.roles[0]?.decorator}`;
  return {
    code: 'PRIVATE_CLASS',
    message: `Class ${asked.name} ${whose}, and ${describeOwner(owner)} cannot have it`,
    path: describeTrail(stepInto(stepToParameter(trail, parameter), asked)),
    fix: point
      ? `inject the extension point, '${point.declaration.id}', from a module of plugin '${point.owner.pluginId}'.`
      : role?.kind === 'implementation' || role?.kind === 'wrapper'
        ? 'inject the token it implements instead.'
        : `share what is needed as a service, or call the plugin over the wire.`,
  };
}
