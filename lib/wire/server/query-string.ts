/** As many parameters as a URL may have; each costs a little time before anybody has said who asks. */
const mostParameters = 256;

/**
 * The parameters of the query of a URL that is known to be encoded as it should; names that occur twice have several
 * texts. `undefined` where there are too many.
 */
export function readQuery(url: string): Map<string, string | string[]> | undefined {
  const found = new Map<string, string | string[]>();
  const start = url.indexOf('?');
  if (start === -1) return found;
  let count = 0;
  for (let from = start + 1; from < url.length;) {
    let end = url.indexOf('&', from);
    if (end === -1) end = url.length;
    if (end > from) {
      if (++count > mostParameters) return undefined;
      add(found, url.slice(from, end));
    }
    from = end + 1;
  }
  return found;
}

function add(found: Map<string, string | string[]>, pair: string): void {
  const equals = pair.indexOf('=');
  const name = decoded(equals === -1 ? pair : pair.slice(0, equals));
  const text = equals === -1 ? '' : decoded(pair.slice(equals + 1));
  const before = found.get(name);
  if (before === undefined) found.set(name, text);
  else if (typeof before === 'string') found.set(name, [before, text]);
  else before.push(text);
}

function decoded(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? decodeURIComponent(spaced) : spaced;
}
