import { createHash } from 'node:crypto';
import type { ApiEvent, ApiRun } from '../src/api/api-types.js';
import { KEY, type ServerProcess } from '../test/support/server/server-process.js';
import { now, type Observation } from './journal.js';

/** Where calls go: to one server, or to any of several; `url`: of one of them. */
export type Caller = Pick<ServerProcess, 'api' | 'url'>;

/** Run ids are the same with and without it. */
export const bare = (runId: string): string => runId.replace(/^run_/, '');

/** A call that gave no answer, or one that acknowledges nothing. */
export class NotAcknowledged extends Error {
  readonly status: number | null;
  /** Whether such an answer breaks no promise. */
  readonly isExpected: boolean;

  constructor(status: number | null, why: string, expected: readonly number[] = REFUSALS) {
    super(why);
    this.status = status;
    this.isExpected = status === null || expected.includes(status);
  }
}

/**
 * 409: the run had ended, or the question had been answered, by a call that was cut off. 503: stopping, or nothing can
 * be written.
 */
const REFUSALS: readonly number[] = [409, 503];
/** How long a call that is not the API's own may take. */
const POST_MS = 20_000;

export async function call(
  server: Caller,
  path: string,
  init: { method?: string; body?: unknown } = {},
): Promise<unknown> {
  let answer;
  try {
    answer = await server.api(path, init);
  } catch (error) {
    throw new NotAcknowledged(null, error instanceof Error ? error.message : String(error));
  }
  if (answer.status >= 300) throw new NotAcknowledged(answer.status, JSON.stringify(answer.body));
  return answer.body;
}

/** With headers of its own, and to any path; `expected`: what it may be refused with. */
export async function post(
  server: Caller,
  path: string,
  init: {
    readonly body: string;
    readonly headers: { readonly [name: string]: string };
    readonly expected?: readonly number[];
  },
): Promise<unknown> {
  const { body, expected, headers: own } = init;
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...own };
  let status: number;
  let text: string;
  try {
    const signal = AbortSignal.timeout(POST_MS);
    const response = await fetch(server.url + path, { method: 'POST', headers, body, signal });
    ({ status } = response);
    text = await response.text();
  } catch (error) {
    throw new NotAcknowledged(null, error instanceof Error ? error.message : String(error));
  }
  if (status >= 300) throw new NotAcknowledged(status, text, expected);
  return JSON.parse(text);
}

export async function observe(server: Caller, run: string): Promise<{ record: ApiRun; seen: Observation }> {
  const sent = now();
  const body = (await call(server, `/runs/run_${run}`)) as ApiRun;
  return { record: body, seen: observation(body, sent) };
}

export function observation(run: ApiRun, sent: number): Observation {
  const { status, output, error, output_error, summary, credits_consumed, completed_at } = run;
  return {
    what: 'seen',
    sent,
    at: now(),
    run: bare(run.run_id),
    status,
    terminal: run.terminal,
    version: run.version,
    end: run.terminal
      ? JSON.stringify({ status, output, error, output_error, summary, credits_consumed, completed_at })
      : null,
    nodes: run.nodes.map((node) => ({
      id: node.id,
      status: node.status,
      progress: node.progress,
      attempt: node.attempt,
    })),
  };
}

/** A run's whole log. */
export async function readLog(server: Caller, run: string): Promise<ApiEvent[]> {
  const log: ApiEvent[] = [];
  for (let after: number | null = 0; after !== null;) {
    const body = (await call(server, `/runs/run_${run}/events?after=${after}&limit=1000`)) as {
      events: ApiEvent[];
      next_after: number | null;
    };
    log.push(...body.events);
    after = body.next_after;
  }
  return log;
}

export function digest(log: readonly ApiEvent[]): string {
  return createHash('sha256').update(JSON.stringify(log)).digest('hex');
}
