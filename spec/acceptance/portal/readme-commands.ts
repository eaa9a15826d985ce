import { readFileSync } from 'node:fs';
import { repository } from '../program.js';
import type { Asking } from './portal.js';

/** A `curl` of the README. */
export interface Command {
  readonly line: string;
  readonly method: string;
  readonly path: string;
  readonly asking: Asking;
}

/** What the README has its readers ask the portal; `$TOKEN` in it is `token`. */
export function readmeCommands(token = '$TOKEN'): Command[] {
  const readme = readFileSync(`${repository}README.md`, 'utf8');
  const lines = [...readme.matchAll(/^(?:\w+=\$\()?(curl [^|\n]*localhost:7007[^|\n]*)/gm)].map(([, line]) => line!);
  return lines.map(line => commandOf(line.trim(), token));
}

function commandOf(line: string, token: string): Command {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c!);
  const command = { method: 'GET', path: '', headers: {} as Record<string, string>, json: undefined as unknown };
  for (let at = 1; at < words.length; at++) {
    const word = words[at]!;
    if (word === '-X') command.method = words[++at]!;
    else if (word === '-H') {
      const [name = '', value = ''] = words[++at]!.split(': ');
      command.headers[name] = value.replace('$TOKEN', token);
    } else if (word === '--json') {
      command.method = 'POST';
      command.json = JSON.parse(words[++at]!);
    } else if (word.startsWith('localhost:7007')) command.path = word.slice('localhost:7007'.length);
    else if (word !== '-s') throw new Error(`No spec knows what '${word}' does in: ${line}`);
  }
  const { method, path, headers, json } = command;
  return { line, method, path, asking: { headers, ...(json !== undefined && { json }) } };
}
