import type { Problem } from '../errors/problem.js';
import { closest } from '../util/did-you-mean.js';
import { isObject } from '../util/is-object.js';
import type { PackageManifest } from './package-manifest.js';

/** The roles whose packages a scan imports. */
const featureRoles = ['backend-plugin', 'backend-plugin-module', 'node-library'];

/** Roles that have a meaning elsewhere: such a package is not a feature, and not a mistake either. */
const otherRoles = [
  'backend',
  'cli',
  'cli-module',
  'common-library',
  'web-library',
  'frontend',
  'frontend-plugin',
  'frontend-plugin-module',
];

/** Whether a package says of itself that it holds features, by the `backplane.role` of its package.json. */
export function readRole(name: string, { backplane }: PackageManifest): boolean | Problem {
  if (!isObject(backplane) || backplane['role'] === undefined) return false;
  const { role } = backplane;
  if (typeof role === 'string' && featureRoles.includes(role)) return true;
  if (typeof role === 'string' && otherRoles.includes(role)) return false;
  const meant = typeof role === 'string' ? closest(role, [...featureRoles, ...otherRoles]) : undefined;
  return {
    code: 'INVALID_ROLE',
    message: `Package '${name}' has the unknown role ${JSON.stringify(role)}`,
    path: [`in 'backplane.role' of the package.json of '${name}'`],
    fix: meant === undefined ? `write one of ${featureRoles.join(', ')}.` : `did you mean '${meant}'?`,
  };
}

export function missingRole(name: string): Problem {
  return {
    code: 'INVALID_ROLE',
    message: `Package '${name}' is to be scanned, but its role is not one of a package with features`,
    path: [`in 'backplane.role' of the package.json of '${name}'`],
    fix: `write one of ${featureRoles.join(', ')} there, or name its classes in 'features'.`,
  };
}
