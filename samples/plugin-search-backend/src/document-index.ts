import type { Found, SearchDocument } from '@inventory/plugin-search-common';
import MiniSearch from 'minisearch';

/** Documents by their words, in memory; what has changed needs a new one. */
export class DocumentIndex {
  private readonly documents = new Map<string, SearchDocument>();
  private readonly words = new MiniSearch<SearchDocument & { key: string }>({
    idField: 'key',
    fields: ['title', 'text'],
  });

  /** Of documents with the same type and id the last one counts. */
  constructor(documents: Iterable<SearchDocument>) {
    for (const document of documents) this.documents.set(`${document.type} ${document.id}`, document);
    for (const [key, document] of this.documents) this.words.add({ ...document, key });
  }

  get size(): number {
    return this.documents.size;
  }

  /** What fits best comes first; beginnings of words fit, and words with a typing error. */
  find(words: string, { type, limit }: { type?: string | undefined; limit: number }): Found {
    const found = this.words
      .search(words, { prefix: true, fuzzy: 0.2, boost: { title: 3 } })
      .map(({ id: key, score }) => ({ ...this.documents.get(key as string)!, score }))
      .filter(document => type === undefined || document.type === type);
    return { items: found.slice(0, limit), total: found.length };
  }
}
