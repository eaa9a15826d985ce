import type { ClassRecord } from '../api/class-record.js';
import { otherCopyProblem } from '../api/framework-copy.js';
import type { Problem } from '../errors/problem.js';
import { describePlace } from '../util/source-place.js';

/** What was given is no feature, and no class either. */
export function notAFeature(what: string, origin: string): Problem {
  return refusal(what, [`in ${origin}`], {
    origin,
    fix: 'add classes with @Plugin, @Module, @Service or @FeatureLoader, modules that export them, or functions that return them.',
  });
}

/** A class was given that nobody, or another copy of the framework, has decorated. */
export function undecoratedFeature({ name, target }: ClassRecord, origin: string): Problem {
  return (
    otherCopyProblem(target, () => [`in ${origin}`]) ??
    refusal(`class ${name} without a decorator`, [`in ${origin}`], {
      origin,
      fix: `write @Plugin, @Module or @Service above class ${name}.`,
    })
  );
}

/** A class was given that is part of something else. */
export function partOfAFeature({ name, roles, site }: ClassRecord, origin: string): Problem {
  const place = describePlace(site);
  return refusal(
    `class ${name} with @${roles[0]?.decorator}`,
    [`in ${origin}`, ...(place ? [`-> class ${name} (${place})`] : [])],
    {
      origin,
      fix: 'name it where it belongs: controllers and extension points in @Plugin or @Module; an @Injectable is injected.',
    },
  );
}

/** A scan has come to its end without a feature: a backend of nothing is hardly what was meant. */
export function nothingFound(searched: readonly string[]): Problem {
  return {
    code: 'NOTHING_FOUND',
    message: 'The scan has found no feature',
    path: searched.map((where, index) => `${index ? '->' : 'in'} ${where}`),
    fix: 'depend on packages with a "backplane.role", name a folder as "backplane": { "features": "dist/features" } in package.json, or name the features: Backend.start({ features: [...] }).',
  };
}

/** Lists, promises or loaders that hold or return themselves. */
export function featuresTooDeep(origin: string): Problem {
  const [first = ''] = /^[^[ ]*(?:\[\d+\])?/.exec(origin) ?? [];
  return {
    code: 'FEATURES_TOO_DEEP',
    message: `${first} lies too deep in lists, promises or loaders`,
    path: [`in ${first}`],
    fix: 'look for a list that holds itself, or a loader that returns itself.',
  };
}

/** An iterator that gives more than any backend has. */
export function endlessFeatures(origin: string, count: number): Problem {
  return {
    code: 'ENDLESS_FEATURES',
    message: `${origin} gives more than ${count} features`,
    path: [`in ${origin}`],
    fix: 'let the iterator end.',
  };
}

function refusal(what: string, path: readonly string[], { origin, fix }: { origin: string; fix: string }): Problem {
  return { code: 'NOT_A_FEATURE', message: `${origin} is ${what}, which is not a feature`, path, fix };
}
