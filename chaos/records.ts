import type { ApiEvent, ApiRun, ApiRunListItem } from '../src/api/api-types.js';
import type { ApiBulkJob } from '../src/api/bulk-types.js';
import type { ApiCreditMovement, ApiCredits } from '../src/api/credit-types.js';
import { bare, call, type Caller, observation, readLog } from './client.js';
import { now, type Observation } from './journal.js';

export interface RunRecord {
  readonly run: string;
  readonly record: ApiRun;
  readonly log: readonly ApiEvent[];
  readonly seen: Observation;
}

/** All that the server says in the end. */
export interface Records {
  readonly runs: ReadonlyMap<string, RunRecord>;
  readonly movements: readonly ApiCreditMovement[];
  readonly credits: ApiCredits;
  readonly bulkJobs: readonly ApiBulkJob[];
}

export async function readRecords(server: Caller): Promise<Records> {
  // Before the runs that they change.
  const bulkJobs = await readBulkJobs(server);
  const runs = new Map<string, RunRecord>();
  for (let before = ''; ;) {
    const body = (await call(server, `/runs?limit=100${before}`)) as {
      runs: ApiRunListItem[];
      next_before: string | null;
    };
    const read = async (run_id: string): Promise<void> => {
      const sent = now();
      const record = (await call(server, `/runs/${run_id}`)) as ApiRun;
      const run = bare(run_id);
      runs.set(run, { run, record, log: await readLog(server, run), seen: observation(record, sent) });
    };
    for (let n = 0; n < body.runs.length; n += 10)
      await Promise.all(body.runs.slice(n, n + 10).map(({ run_id }) => read(run_id)));
    if (body.next_before === null) break;
    before = `&before=${body.next_before}`;
  }
  const movements = await readMovements(server);
  const credits = (await call(server, '/credits')) as ApiCredits;
  return { runs, movements, credits, bulkJobs };
}

async function readMovements(server: Caller): Promise<readonly ApiCreditMovement[]> {
  const all: ApiCreditMovement[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = last === undefined ? '' : `&before=${last.id}`;
    const { movements } = (await call(server, `/credits/movements?limit=1000${page}`)) as {
      movements: readonly ApiCreditMovement[];
    };
    if (movements.length === 0) return all;
    all.push(...movements);
  }
}

/** How long bulk jobs have to come to their end. */
const JOBS_MS = 60_000;

/** The latest, once none goes on. */
async function readBulkJobs(server: Caller): Promise<readonly ApiBulkJob[]> {
  for (const until = Date.now() + JOBS_MS; ;) {
    const { bulk_jobs: jobs } = (await call(server, '/bulk-jobs')) as { bulk_jobs: readonly ApiBulkJob[] };
    if (Date.now() > until || jobs.every(({ status }) => status !== 'running')) return jobs;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
