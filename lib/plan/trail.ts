import type { CallSite } from '../../decorators/call-site.js';
import type { ClassRecord, ParameterRecord } from '../api/class-record.js';
import type { Problem } from '../errors/problem.js';
import { at } from './declaration.js';
import type { Owner } from './unit.js';

/**
 * The way from what was started to what is being looked at, by its last step. Ways share what they have in common, so
 * that a deep one costs no more than its steps. A place is worked out only when somebody has to read it.
 */
export interface Trail {
  readonly text: string;
  readonly site?: CallSite | undefined;
  readonly before?: Trail;
}

export type Report = (problem: Problem) => void;

/** The trail as its author reads it, outermost first. */
export function describeTrail(trail: Trail): string[] {
  const steps: string[] = [];
  for (let last: Trail | undefined = trail; last; last = last.before) steps.push(`${last.text}${at(last.site)}`);
  return steps.toReversed();
}

export function step(before: Trail, text: string, site?: CallSite): Trail {
  return { text, site, before };
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

export function trailOf(owner: Owner, site: CallSite | undefined): Trail {
  return { text: `in ${describeOwner(owner)}`, site };
}

export function stepInto(trail: Trail, { name, site }: ClassRecord, what = 'class'): Trail {
  return step(trail, `-> ${what} ${name}`, site);
}

export function stepToParameter(trail: Trail, { index, of }: Pick<ParameterRecord, 'index' | 'of'>): Trail {
  return step(trail, of === undefined ? `-> constructor parameter ${index}` : `-> parameter ${index} of ${of}`);
}
