import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import { isList, type HeadersArgument } from './header-facts.js';

/** As `writeHead()` would, so that they can be looked at and changed. */
export function setAll(res: ServerResponse, headers: HeadersArgument): void {
  if (!headers) return;
  const pairs: (readonly [string, OutgoingHttpHeader])[] = [];
  if (!isList(headers)) {
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) pairs.push([name, value]);
  } else if (Array.isArray(headers[0])) {
    pairs.push(...(headers as unknown as [string, string][]));
  } else {
    for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i] as string, headers[i + 1]!]);
  }
  const seen = new Set<string>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    if (seen.has(key)) res.appendHeader(name, value as string);
    else res.setHeader(name, value);
    seen.add(key);
  }
}

/** Says that the answer is another one where the request has another header of this name. */
export function addVary(res: ServerResponse, name: string): void {
  const present = String(res.getHeader('vary') ?? '');
  const names = present.split(',').map(each => each.trim().toLowerCase());
  if (names.includes('*') || names.includes(name.toLowerCase())) return;
  res.setHeader('Vary', present === '' ? name : `${present}, ${name}`);
}
