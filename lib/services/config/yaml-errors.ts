import type { ErrorCode } from 'yaml';
import type { Problem } from '../../errors/problem.js';
import { unusableFile } from './config-problems.js';

/** In our own words: the parser's would quote the text of the file, which may be secret. */
const descriptions: Partial<Record<ErrorCode, readonly [message: string, fix: string]>> = {
  TAB_AS_INDENT: ['The line is indented with a tab', 'indent it with spaces.'],
  BAD_INDENT: ['The line is indented by another amount than those it belongs to', 'align it with its neighbours.'],
  BLOCK_AS_IMPLICIT_KEY: ['The line has a second colon', "put a value that holds ': ' into quotes."],
  MULTILINE_IMPLICIT_KEY: ['A colon is missing after the key', "write 'key: value'."],
  MISSING_CHAR: ['A colon, a comma, a bracket or a quote is missing', 'complete the line, or one above it.'],
  BAD_SCALAR_START: ['A value starts with a character that YAML reserves', 'put the value into quotes.'],
  BAD_DQ_ESCAPE: ['A text in double quotes has an unknown escape', 'double the backslash, or use single quotes.'],
  TAG_RESOLVE_FAILED: ['A YAML tag is not supported', 'remove the tag; configuration holds JSON data only.'],
  MULTIPLE_DOCS: ['The file holds more than one YAML document', "keep one, and remove the line '---' between them."],
  BAD_DIRECTIVE: ['A YAML directive is not supported', "remove the line that starts with '%'."],
};

export function describeYamlError(code: ErrorCode, place: string): Problem {
  const [message, fix] = descriptions[code] ?? [`The file is not valid YAML (${code})`, 'correct the line.'];
  return unusableFile(place, message, fix);
}
