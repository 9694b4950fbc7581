import { createHash } from 'node:crypto';
import type { ApiEvent, ApiRun } from '../src/api/api-types.js';
import type { ServerProcess } from '../test/support/server/server-process.js';
import { now, type Observation } from './journal.js';

/** Where calls go: to one server, or to any of several. */
export type Caller = Pick<ServerProcess, 'api'>;

/** Run ids are the same with and without it. */
export const bare = (runId: string): string => runId.replace(/^run_/, '');

/** A call that gave no answer, or one that acknowledges nothing. */
export class NotAcknowledged extends Error {
  readonly status: number | null;

  constructor(status: number | null, why: string) {
    super(why);
    this.status = status;
  }
}

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
