import type { Entity } from '@inventory/plugin-catalog-common';
import type { Reading } from '@inventory/plugin-catalog-node';
import { isNode, LineCounter, parseAllDocuments, type Document } from 'yaml';
import { z } from 'zod';
import { Descriptor, entityOf } from './descriptor.js';

/** The entities of one file. A document that is not one is reported with its line; the others are read all the same. */
export function* entitiesOf(text: string, file: string, reading: Pick<Reading, 'report'>): Generator<Entity> {
  const lines = new LineCounter();
  const placeAt = (offset: number): string => `${file}:${lines.linePos(offset).line}`;

  for (const document of parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })) {
    const { data, problems = [] } = read(document);
    if (data) yield entityOf(data, placeAt(offsetOf(document, [])));
    for (const { offset, message } of problems) reading.report(placeAt(offset), message);
  }
}

/** An empty document has neither. */
interface Outcome {
  readonly data?: z.output<typeof Descriptor>;
  readonly problems?: readonly { readonly offset: number; readonly message: string }[];
}

function read(document: Document.Parsed): Outcome {
  const [syntaxError] = document.errors;
  if (syntaxError) return { problems: [{ offset: syntaxError.pos[0], message: syntaxError.message }] };
  try {
    const content: unknown = document.toJS();
    return content === null ? {} : { data: Descriptor.parse(content) };
  } catch (error) {
    // What is no ZodError is a document that would not unfold, such as one with far too many aliases.
    const issues = error instanceof z.ZodError ? error.issues : [{ path: [], message: String(error) }];
    return {
      problems: issues.map(({ path, message }) => ({
        offset: offsetOf(document, path),
        message: path.length > 0 ? `${path.join('.')}: ${message}` : message,
      })),
    };
  }
}

/** Where the value at `path` begins, or, where it is missing, what should hold it. */
function offsetOf(document: Document.Parsed, path: readonly unknown[]): number {
  const node = document.getIn(path, true);
  if (isNode(node) && node.range) return node.range[0];
  return path.length > 0 ? offsetOf(document, path.slice(0, -1)) : document.range[0];
}
