import type { LogLevel } from '../../api/logger-service.js';
import type { BoundedOutput } from './bounded-output.js';
import { escapeControls } from './control-characters.js';
import type { LineWriter } from './json-line-writer.js';
import type { LineFields } from './line-composer.js';

const colours: Record<LogLevel, number> = { error: 31, warn: 33, info: 32, debug: 90 };
const dim = 2;
const cyan = 36;

/**
 * Writes lines for people: `12:00:00.000 info  catalog  message  key=value`, with the stacks of errors indented below.
 * Only what starts at the margin is a line; nothing that is logged can begin there.
 */
export function developmentLineWriter(output: BoundedOutput, { colour }: { colour: boolean }): LineWriter {
  const paint = (code: number, text: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);

  return {
    write(level, message, { plugin, ...fields }) {
      const parts = [paint(dim, timeOfDay(new Date())), paint(colours[level], level.padEnd(5))];
      if (plugin !== undefined) parts.push(paint(cyan, oneLine(plugin)));
      parts.push(oneLine(message));
      const below: string[] = [];
      for (const [name, value] of Object.entries(fields)) {
        if (isErrorData(value)) below.push(...stackOf(value, name === 'error' ? '' : `${oneLine(name)}: `));
        else parts.push(`${paint(dim, `${oneLine(name)}=`)}${oneLine(value)}`);
      }
      output.write(`${[parts.join(' '), ...below.map(line => `    ${paint(dim, line)}`)].join('\n')}\n`);
    },
  };
}

/** A date's local time, as people who look at a terminal have it on their clock. */
function timeOfDay(date: Date): string {
  return `${digits(date.getHours())}:${digits(date.getMinutes())}:${digits(date.getSeconds())}.${digits(date.getMilliseconds(), 3)}`;
}

function digits(value: number, length = 2): string {
  return String(value).padStart(length, '0');
}

function oneLine(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return escapeControls(text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t'));
}

function isErrorData(value: unknown): value is LineFields {
  return typeof value === 'object' && value !== null && 'stack' in value && 'message' in value;
}

/** The stack, then those of the causes and of the errors of an AggregateError, each a step further in. */
function stackOf(error: LineFields, title: string): string[] {
  const { name, message, stack, cause, errors, ...rest } = error;
  const text = typeof stack === 'string' ? stack : `${oneLine(name)}: ${oneLine(message)}`;
  const lines = `${title}${text}`.replaceAll('\r\n', '\n').split('\n').map(oneLine);
  const details = Object.entries(rest).map(([key, value]) => `  ${oneLine(key)}=${oneLine(value)}`);
  const inner = [
    ...(cause === undefined ? [] : [['cause: ', cause] as const]),
    ...(Array.isArray(errors) ? errors.map((one, index) => [`errors[${index}]: `, one] as const) : []),
  ].flatMap(([label, value]) => (isErrorData(value) ? stackOf(value, label) : [`${label}${oneLine(value)}`]));
  return [...lines, ...details, ...inner.map(line => `  ${line}`)];
}
