import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../../lib/api/config-service.js';
import type { startEvents } from '../../services/events/events-fixture.js';
import { changed } from '../../services/events/topics.js';
import { ChildBackend } from './child-backend.js';

/** How many keys the events of one test have. */
export const keys = 50;

export interface Handled {
  readonly key: string;
  readonly count: number;
}

/** What consumers have written, in the order in which they have handled it. */
export class HandledFile implements AsyncDisposable {
  readonly path: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, 'handled');
  }

  static async create(): Promise<HandledFile> {
    return new this(await mkdtemp(join(tmpdir(), 'events-')));
  }

  read(): Handled[] {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch {
      return [];
    }
    const lines = text.split('\n').filter(line => line !== '');
    return lines.map(line => {
      const [key = '', count] = line.split(' ');
      return { key, count: Number(count) };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

/** Each number was handled at least once, and those of a key one after the other; again only where nothing came after. */
export function expectAllInOrder(handled: readonly Handled[], count: number): void {
  expect(new Set(handled.map(one => one.count)).size).to.equal(count);
  const last = new Map<string, number>();
  for (const { key, count: number } of handled) {
    const before = last.get(key) ?? Number(key.slice(1)) - keys;
    expect(number, `after ${before} of ${key}`).to.be.oneOf([before, before + keys]);
    last.set(key, number);
  }
}

type Backend = Awaited<ReturnType<typeof startEvents>>;

/** Publishes numbers as fast as they are taken, each with one of the keys; what is refused is published again. */
export async function publishAll(
  backend: Backend,
  count: number,
  each = (_number: number): void => {},
  from = 0,
): Promise<void> {
  const events = backend.eventsOf('store');
  const ofKey = async (first: number): Promise<void> => {
    for (let number = from + first; number < from + count; number += keys) {
      await events.publish(changed, { name: 'n', count: number }, { key: `k${first}` });
      each(number);
    }
  };
  await Promise.all(Array.from({ length: keys }, (_, first) => ofKey(first)));
}

/** Waits for what takes a while, as a server that comes back, and costs something to look at. */
export async function untilLong(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  patience = 90_000,
): Promise<void> {
  const end = performance.now() + patience;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited ${patience} ms for: ${what}`);
    await sleep(100);
  }
}

/** As often as it is refused. */
export async function publishUntilTaken(backend: Backend, name: string): Promise<void> {
  for (;;) {
    try {
      return await backend.publish(name, { key: 'k' });
    } catch {
      await sleep(100);
    }
  }
}

/** A process that handles events into `file`. */
export const consuming = (config: JsonObject, file: HandledFile, env: Record<string, string> = {}) =>
  new ChildBackend('consuming-events', {
    backend: { events: { ...config, retry: { initialDelay: 20 } } },
    env: { HANDLED: file.path, CONCURRENCY: '32', ...env },
  });
