import { featuresRule, type OptionRules } from '../backend/check-options.js';
import { isObject } from '../util/is-object.js';
import type { TestBackendOptions } from './test-backend.js';

/** What the options of a `TestBackend` have to be. */
export const testRules: OptionRules<TestBackendOptions> = {
  features: featuresRule,
  overrides: {
    accepts: value => Array.isArray(value) && value.every(item => isObject(item) && isObject(item['recipe'])),
    wanted: 'a list, as [override(Clock).withValue(clock)]',
  },
  config: { accepts: isObject, wanted: 'an object, as { greeter: { greeting: … } }' },
  realTime: { accepts: value => typeof value === 'boolean', wanted: 'true or false' },
  extensionPoints: {
    accepts: value => Array.isArray(value) && value.every(item => Array.isArray(item) && item.length === 2),
    wanted: 'a list, as [[Languages, languages]]',
  },
};
