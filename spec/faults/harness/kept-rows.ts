import { type Answer, codeOf, get } from './http-get.js';

export interface KeptRow {
  readonly id: string;
  readonly part: number;
}

/** Where the fixture `data-keeping` answers. */
interface Keeper {
  readonly at: number;
}

/** What it answers, as status and text or code of the error. */
export async function ask({ at }: Keeper, path: string): Promise<readonly [number, string | undefined]> {
  const answer = await get(at, `/api/keeper/${path}`);
  return [answer.status, said(answer)];
}

export async function rowsOf({ at }: Keeper): Promise<readonly KeptRow[]> {
  const { status, text } = await get(at, '/api/keeper/rows');
  if (status !== 200) throw new Error(`the rows cannot be read: ${status} ${text}`);
  return (JSON.parse(text) as { rows: KeptRow[] }).rows;
}

export async function readiness({ at }: Keeper): Promise<number> {
  return (await get(at, '/.backplane/health/v1/readiness')).status;
}

export async function liveness({ at }: Keeper): Promise<number> {
  return (await get(at, '/.backplane/health/v1/liveness')).status;
}

function said(answer: Answer): string | undefined {
  return answer.status === 200 ? answer.text : codeOf(answer);
}
