import type { CallSite } from '../../decorators/call-site.js';
import type { ClassRecord, ParameterRecord } from '../api/class-record.js';
import type { Problem } from '../errors/problem.js';
import { at } from './declaration.js';
import type { Owner } from './unit.js';

/** A step from what was started to what is being looked at. Its place is worked out only when somebody has to read it. */
export interface Step {
  readonly text: string;
  readonly site?: CallSite | undefined;
}

/** The way from what was started to what is being looked at, outermost first. */
export type Trail = readonly Step[];

export type Report = (problem: Problem) => void;

/** The trail as its author reads it. */
export function describeTrail(trail: Trail): string[] {
  return trail.map(({ text, site }) => `${text}${at(site)}`);
}

export function describeOwner(owner: Owner): string {
  switch (owner.kind) {
    case 'backend':
      return 'the backend';
    case 'service':
      return `service '${owner.id}'`;
    case 'loader':
      return `feature loader ${owner.name}`;
    case 'plugin':
      return `plugin '${owner.pluginId}'`;
    case 'module':
      return `module '${owner.moduleId}' of plugin '${owner.pluginId}'`;
  }
}

export function trailOf(owner: Owner, { site }: Pick<ClassRecord, 'site'>): Trail {
  return [{ text: `in ${describeOwner(owner)}`, site }];
}

export function stepInto(trail: Trail, { name, site }: ClassRecord, what = 'class'): Trail {
  return [...trail, { text: `-> ${what} ${name}`, site }];
}

export function stepToParameter(trail: Trail, { index, of }: Pick<ParameterRecord, 'index' | 'of'>): Trail {
  return [
    ...trail,
    { text: of === undefined ? `-> constructor parameter ${index}` : `-> parameter ${index} of ${of}` },
  ];
}
