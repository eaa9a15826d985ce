import { runBackend } from './child-backend.js';

let known: Promise<number> | undefined;

/** How long a process takes now to start Node and read the framework, in ms: no part of what a start itself takes. */
export function importCost(): Promise<number> {
  return (known ??= runBackend('only-import').then(({ duration }) => duration));
}
