import { expect } from 'chai';
import { z } from 'zod';
import { Controller, Inject, Injectable, Plugin } from '../../../decorators/index.js';
import type { Call } from '../../../lib/api/call.js';
import { defineApi, get, post, type RequestOf } from '../../../lib/contract/index.js';
import { NotFoundError } from '../../../lib/errors/http-error.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';

const Book = z.object({ title: z.string(), pages: z.int().positive() });

const booksApi = defineApi({
  pluginId: 'books',
  operations: {
    getBook: get('/books/:id', { allow: 'unauthenticated', params: z.object({ id: z.int() }), response: Book }),
    addBook: post('/books', { allow: 'unauthenticated', body: Book, response: z.object({ id: z.int() }), status: 201 }),
    secret: get('/secret', { response: z.string() }),
  },
});

@Injectable()
class Shelf {
  readonly books: z.infer<typeof Book>[] = [];
}

@Controller(booksApi)
class BooksController {
  constructor(@Inject(Shelf) private readonly shelf: Shelf) {}

  async getBook({ params }: RequestOf<typeof booksApi.getBook>): Promise<z.infer<typeof Book>> {
    const book = this.shelf.books[params.id];
    if (!book) throw new NotFoundError('No such book');
    return book;
  }

  addBook({ body }: RequestOf<typeof booksApi.addBook>, _call: Call): { id: number } {
    return { id: this.shelf.books.push(body) - 1 };
  }

  secret(): string {
    return 'secret';
  }
}

@Plugin({ pluginId: 'books', controllers: [BooksController] })
class BooksPlugin {}

describe('A controller of an api', () => {
  it('answers its operations at their paths', async () => {
    await using backend = await TestBackend.start({ features: [BooksPlugin] });

    const added = await backend.request.post('/api/books/books', { body: { title: 'Dune', pages: 412 } });
    const got = await backend.request.get('/api/books/books/0');
    const missing = await backend.request.get('/api/books/books/1');
    const bad = await backend.request.post('/api/books/books', { body: { title: 'Dune', pages: 0 } });

    expect([added.status, added.body]).to.deep.equal([201, { id: 0 }]);
    expect([got.status, got.body]).to.deep.equal([200, { title: 'Dune', pages: 412 }]);
    expect([missing.status, bad.status]).to.deep.equal([404, 400]);
  });

  it('lets nobody in whom the operation does not name', async () => {
    await using backend = await TestBackend.start({ features: [BooksPlugin] });

    expect((await backend.request.get('/api/books/secret')).status).to.equal(401);
  });
});
