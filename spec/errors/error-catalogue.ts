import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../../../docs/errors.md', import.meta.url));

/** An entry of `docs/errors.md`: a heading, an example, and what it means and how to fix it around that. */
export interface ErrorEntry {
  readonly code: string;
  readonly example: string | undefined;
  readonly meaning: string;
  readonly fix: string;
}

/** What `docs/errors.md` says, by code. */
export function readErrorCatalogue(text = readFileSync(file, 'utf8')): ErrorEntry[] {
  const sections = text.split(/^### /m).slice(1);
  return sections.map(section => {
    const [heading = '', ...rest] = section.split('\n');
    const body = rest.join('\n').split(/^## /m, 1)[0]!;
    const [meaning = '', example, fix = ''] = body.split(/^```(?:text)?\n([^]*?)\n```$/m);
    return { code: heading.replaceAll('`', '').trim(), example, meaning: meaning.trim(), fix: fix.trim() };
  });
}

/** An example is a message as a reader of the documentation would get it: of a program of their own. */
export function asExample(message: string): string {
  return message.replaceAll('spec/errors/fixtures/', 'src/').replaceAll('<temporary>', '/home/acme');
}

/** Puts the messages of today in the place of the examples. */
export function updateExamples(messageOf: (code: string) => string | undefined): void {
  const text = readFileSync(file, 'utf8');
  const updated = text.replaceAll(
    /^(### `([A-Z_]+)`\n[^#]*?^```text\n)[^]*?(\n```)$/gm,
    (whole, before: string, code: string, after: string) => {
      const message = messageOf(code);
      return message === undefined ? whole : before + asExample(message) + after;
    },
  );
  writeFileSync(file, updated);
}
