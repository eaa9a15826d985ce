import { configOf } from 'backplane';
import { z } from 'zod';

/** The section `search`: how old the index may be, in seconds, before a question has it collected anew. */
export class SearchConfig extends configOf('search', z.object({ maxAge: z.number().min(0).default(60) })) {}
