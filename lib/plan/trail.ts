import type { ClassRecord } from '../api/class-record.js';
import type { Problem } from '../errors/problem.js';
import { at } from './declaration.js';
import type { Owner } from './unit.js';

/** The way from what was started to what is being looked at, as its author reads it. */
export type Trail = readonly string[];

export type Report = (problem: Problem) => void;

export function describeOwner(owner: Owner): string {
  switch (owner.kind) {
    case 'backend':
      return 'the backend';
    case 'service':
      return `service '${owner.id}'`;
    case 'plugin':
      return `plugin '${owner.pluginId}'`;
    case 'module':
      return `module '${owner.moduleId}' of plugin '${owner.pluginId}'`;
  }
}

export function trailOf(owner: Owner, record: Pick<ClassRecord, 'site'>): Trail {
  return [`in ${describeOwner(owner)}${at(record.site)}`];
}

export function stepInto(trail: Trail, record: ClassRecord): Trail {
  return [...trail, `-> class ${record.name}${at(record.site)}`];
}

export function stepToParameter(trail: Trail, index: number): Trail {
  return [...trail, `-> constructor parameter ${index}`];
}
