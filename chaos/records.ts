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
  for (let offset = 0; ; offset += 100) {
    const body = (await call(server, `/runs?limit=100&offset=${offset}`)) as { runs: ApiRunListItem[] };
    const read = async (run_id: string): Promise<void> => {
      const sent = now();
      const record = (await call(server, `/runs/${run_id}`)) as ApiRun;
      const run = bare(run_id);
      runs.set(run, { run, record, log: await readLog(server, run), seen: observation(record, sent) });
    };
    for (let n = 0; n < body.runs.length; n += 10)
      await Promise.all(body.runs.slice(n, n + 10).map(({ run_id }) => read(run_id)));
    if (body.runs.length < 100) break;
  }
  const movements: ApiCreditMovement[] = [];
  for (;;) {
    const body = (await call(server, `/credits/movements?limit=1000&offset=${movements.length}`)) as {
      movements: ApiCreditMovement[];
    };
    if (body.movements.length === 0) break;
    movements.push(...body.movements);
  }
  const credits = (await call(server, '/credits')) as ApiCredits;
  return { runs, movements, credits, bulkJobs };
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
