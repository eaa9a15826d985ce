import { pino } from 'pino';
import type { LogLevel } from '../../api/logger-service.js';
import type { BoundedOutput } from './bounded-output.js';
import type { LineFields } from './line-composer.js';
import { escapeControls } from './control-characters.js';

/** Writes the lines of a log in some form. The fields are plain data. */
export interface LineWriter {
  write(level: LogLevel, message: string, fields: LineFields): void;
}

/** Writes each line as one JSON object: `{"level":"info","time":"2030-01-01T00:00:00.000Z",…,"message":"…"}`. */
export function jsonLineWriter(output: BoundedOutput): LineWriter {
  const logger = pino(
    {
      level: 'debug',
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      // The fields are plain already; left to itself pino would rewrite those that look like errors or requests.
      serializers: { err: value => value as unknown },
      formatters: { level: label => ({ level: label }), log: ({ fields }) => fields as Record<string, unknown> },
    },
    { write: line => output.write(escapeControls(line)) },
  );
  return { write: (level, message, fields) => logger[level]({ fields }, message) };
}
