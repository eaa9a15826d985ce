import type { ServerResponse } from 'node:http';
import { lastingBytes } from '../../util/lasting-bytes.js';
import { Outflow } from '../../util/outflow.js';

/**
 * Sends bytes as they come. Until the first of them is there the answer can still be an error; what fails later cuts the
 * connection, so that nobody takes the part for the whole.
 */
export async function sendBytes(
  res: ServerResponse,
  head: readonly [status: number, contentType: string],
  bytes: AsyncIterable<unknown>,
  isHead: boolean,
): Promise<void> {
  await using flow = new Outflow(res, bytes);
  let part = isHead ? undefined : await flow.next();
  if (part && !part.done) refuseOthers(part.value);
  if (flow.isOver) return;
  res.writeHead(head[0], ['Content-Type', head[1]]);
  while (part && !part.done) {
    refuseOthers(part.value);
    await flow.write(lastingBytes(part.value));
    part = await flow.next();
  }
  if (!flow.isOver) res.end();
}

function refuseOthers(part: unknown): asserts part is Uint8Array {
  if (!(part instanceof Uint8Array)) throw new TypeError(`A raw response has a ${typeof part} in it`);
}
