import type { Problem } from '../../errors/problem.js';
import { configObject, isForbiddenKey, type ConfigNode, type ConfigObject } from './config-node.js';
import { findNode } from './config-path.js';
import { mergeConfig } from './merge-config.js';
import { plainConfig } from './plain-config.js';

const prefix = 'APP_CONFIG_';
const keyPart = /^[a-z][a-z0-9]*(?:[-:][a-z0-9]+)*$/i;

/**
 * What `APP_CONFIG_backend_listen_port=7007` and its like say. A value is JSON where it can be read as JSON, and text
 * otherwise.
 */
export function environmentConfig(env: NodeJS.ProcessEnv, problems: Problem[], warnings: Problem[]): ConfigObject {
  let tree = configObject([], 'environment');
  const names = Object.keys(env).filter(name => name.startsWith(prefix));
  for (const name of names.toSorted()) {
    const place = `environment ${name}`;
    const parts = name.slice(prefix.length).split('_');
    if (name.includes('__proto__') || parts.some(isForbiddenKey)) {
      const message = `Environment variable '${name}' is ignored: it names a key that JavaScript reserves`;
      warnings.push(about(name, message, 'remove the variable, or choose another key.'));
      continue;
    }
    if (!parts.every(part => keyPart.test(part))) {
      const message = `Environment variable '${name}' names no configuration key`;
      problems.push(about(name, message, 'separate key names by one underscore; names start with a letter.'));
      continue;
    }
    const value = plainConfig(parse(env[name] ?? ''), place, problems, parts.join('.'));
    if (value?.kind === 'scalar' && value.value === null) {
      const message = `Environment variable '${name}' is null, and a variable cannot remove a key`;
      problems.push(about(name, message, 'set the key to null in app-config.local.yaml.'));
      continue;
    }
    const other = findNode(tree, parts.join('.'));
    const taken = other.blockedBy?.node ?? other.node;
    if (taken) {
      const message = `Environment variable '${name}' sets what '${taken.place.replace('environment ', '')}' sets too`;
      problems.push(about(name, message, 'remove one of the two.'));
    } else if (value) {
      tree = mergeConfig(tree, nest(parts, value));
    }
  }
  return tree;
}

function nest([name = '', ...rest]: readonly string[], value: ConfigNode): ConfigObject {
  return configObject([[name, rest.length === 0 ? value : nest(rest, value)]], value.place);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function about(name: string, message: string, fix: string): Problem {
  return { code: 'INVALID_CONFIG', message, path: [`in environment ${name}`], fix };
}
