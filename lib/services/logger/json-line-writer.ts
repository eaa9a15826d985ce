import type { LogLevel } from '../../api/logger-service.js';
import type { BoundedOutput } from './bounded-output.js';
import { escapeControls } from './control-characters.js';
import type { LineFields } from './line-composer.js';

/** Writes the lines of a log in some form. The fields are plain data. */
export interface LineWriter {
  write(level: LogLevel, message: string, fields: LineFields): void;
}

/** Writes each line as one JSON object: `{"level":"info","time":"2030-01-01T00:00:00.000Z",…,"message":"…"}`. */
export function jsonLineWriter(output: BoundedOutput): LineWriter {
  return {
    write: (level, message, fields) => {
      const line = JSON.stringify({ level, time: new Date().toISOString(), ...fields, message });
      output.write(escapeControls(`${line}\n`));
    },
  };
}
