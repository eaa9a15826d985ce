import { isUtf8 } from 'node:buffer';
import { BadRequestError } from '../../errors/http-error.js';
import { readJson } from '../server/json-body.js';
import { isJson, isType, type AcceptsType } from '../server/media-type.js';

const isForm = isType('application/x-www-form-urlencoded');

/** As many as a form may have. */
const mostFields = 256;

/** What may be sent. JSON is JSON by whatever name ends in it. */
export function acceptsOneOf(contentTypes: readonly string[]): AcceptsType {
  const accepts = contentTypes.map(type => (type === 'application/json' ? isJson : isType(type)));
  return contentType => accepts.some(one => one(contentType));
}

/** What the bytes say; `undefined` for what only the webhook itself can read. Throws 400 for what is none. */
export function readBody(contentType: string | undefined, bytes: Buffer): unknown {
  if (isJson(contentType)) return readJson(bytes, () => false).value;
  return isForm(contentType) ? readForm(bytes) : undefined;
}

function readForm(bytes: Buffer): Readonly<Record<string, string>> {
  if (!isUtf8(bytes)) throw invalidForm('is not in UTF-8');
  const fields = Object.create(null) as Record<string, string>;
  let count = 0;
  for (const [name, value] of new URLSearchParams(bytes.toString('utf8'))) {
    if (++count > mostFields) throw invalidForm('has too many fields');
    if (name in fields) throw invalidForm('has a field twice');
    fields[name] = value;
  }
  return fields;
}

function invalidForm(what: string): BadRequestError {
  return new BadRequestError(`The form ${what}`, { code: 'invalid_form' });
}
