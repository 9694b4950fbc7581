import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { watchHealth } from '../../cluster/lib/balancer.mjs';
import { Client } from 'pg';
import { installPrograms, startCluster, type StartedCluster } from '../../cluster/lib/start-cluster.mjs';
import { startPooler } from '../../test/postgres/test-pooler.js';
import { KEY } from '../../test/support/server/server-process.js';
import { check, type Evidence } from '../checks/check.js';
import type { Verdict } from '../checks/verdict.js';
import type { Caller } from '../client.js';
import { type Execution, Journal } from '../journal.js';
import { Load } from '../load/load.js';
import { writeWorkflows } from '../load/workload.js';
import { Random } from '../random.js';
import { readRecords } from '../records.js';
import { type KeyRow, KEYS } from '../world/read-keys.js';
import { PATIENCE_MS, World } from '../world/world.js';
import { Strikes } from './strikes.js';

export interface ClusterChaosOptions {
  /** How often something is ended, paused or cut off. */
  readonly strikes: number;
  /** After so long nothing is any more. */
  readonly seconds: number;
  readonly seed: number;
  /** How many runs are under way at most. */
  readonly active: number;
  readonly processes: number;
  readonly restateNodes: number;
  /** How many statements a pooler before Postgres keeps prepared; there is none when not given. */
  readonly pooler?: number;
  /** See `ChaosOptions`. */
  readonly patienceMs?: number;
  readonly say: (line: string) => void;
}

/** Fewer than the connections of one process. */
const POOLER_SIZE = 6;
/** How long all that was begun has to come to its end when nothing disturbs it any more. */
const SETTLE_MS = 180_000;
/**
 * A process knows within a second that another was given a run, and what it has sent to its workers before may begin a
 * little later.
 */
const OVERLAP = 2_000_000;

/**
 * Ends, pauses and cuts off processes of a cluster under load again and again, and Restate and Postgres too, and then
 * holds what the cluster says against what callers were told.
 */
export async function clusterChaos(
  options: ClusterChaosOptions,
): Promise<{ readonly evidence: Evidence; readonly verdict: Verdict; readonly struck: number }> {
  const { seed, say } = options;
  const folder = mkdtempSync(join(tmpdir(), 'errand-chaos-cluster-'));
  const [workflows, cured, executions] = [join(folder, 'workflows'), join(folder, 'cured'), join(folder, 'done.jsonl')];
  mkdirSync(cured, { recursive: true });
  writeWorkflows({ folder: workflows, journal: executions, cured });
  const journal = new Journal(join(folder, 'told.jsonl'));
  const cure = (run: string): void => writeFileSync(join(cured, run), '');
  const world = await World.open({
    folder,
    random: new Random(seed + 3),
    patienceMs: options.patienceMs ?? PATIENCE_MS,
  });
  const load = new Load({
    journal,
    random: new Random(seed + 1),
    world,
    active: options.active,
    cancels: 0.02,
    chances: 0.1,
    pulseMs: null,
    cure,
  });
  await installPrograms();
  const cluster = await startDisturbed({ ...options, folder, workflows });
  let isWell = false;
  try {
    const strikes = new Strikes({ cluster, random: new Random(seed) });
    const evidence = await strike({ options, cluster, strikes, load, world, journal, executions });
    const verdict = check(evidence);
    for (const unexpected of load.unexpected)
      verdict.hold('answers other than 2xx, 409 and 503', false, () => unexpected);
    const { runs } = evidence.records;
    say(`${strikes.describe()}; ${runs.size} runs; ${load.unanswered} calls cut off, ${load.refused} refused`);
    verdict.print(say);
    isWell = verdict.violations.length === 0;
    if (!isWell) writeFileSync(join(folder, 'cluster.json'), await describe(cluster));
    say(isWell ? 'Every promise held.' : `${verdict.violations.length} VIOLATIONS; the journals are kept in ${folder}`);
    return { evidence, verdict, struck: strikes.count };
  } finally {
    await cluster.stop();
    await world.close();
    if (isWell) rmSync(folder, { recursive: true, force: true });
  }
}

function startDisturbed(
  params: Pick<ClusterChaosOptions, 'processes' | 'restateNodes' | 'pooler'> & {
    readonly folder: string;
    readonly workflows: string;
  },
): Promise<StartedCluster> {
  const { folder, workflows, processes, restateNodes, pooler: prepared } = params;
  return startCluster({
    folder,
    workflows,
    processes,
    restateNodes,
    startPooler: prepared === undefined ? null : (url) => startPooler(url, { size: POOLER_SIZE, prepared }),
    key: KEY,
    isDisturbed: true,
    env: {
      ERRAND_BOOTSTRAP_CREDITS: '10000000',
      ERRAND_LOG_LEVEL: 'fatal',
      ERRAND_OUTBOUND_ALLOW: '127.0.0.1',
      ERRAND_MAX_CRASHES: '0',
      ERRAND_WORKERS: '2',
    },
  });
}

async function strike(params: {
  readonly options: ClusterChaosOptions;
  readonly cluster: StartedCluster;
  readonly strikes: Strikes;
  readonly load: Load;
  readonly world: World;
  readonly journal: Journal;
  readonly executions: string;
}): Promise<Evidence> {
  const { options, cluster, strikes, load, world, journal, executions } = params;
  const unwatch = watchHealth(cluster.members, ({ callPort }) => [{ balancer: cluster.calls, port: callPort }]);
  const caller = anyOf(cluster, new Random(options.seed + 2));
  await world.setUp(caller);
  // Until the others know it, too.
  await pause(2_000);
  let isOver = false;
  const loading = load.run(caller, () => isOver);
  const until = Date.now() + options.seconds * 1_000;
  while (strikes.count < options.strikes && Date.now() < until) {
    await strikes.once();
    if (strikes.count % 10 === 0) options.say(`  struck ${strikes.count} times, ${load.open} runs under way`);
  }
  isOver = true;
  await loading;
  await strikes.mend();
  load.stopOrdering();
  await load.run(
    caller,
    within(SETTLE_MS, () => load.open === 0),
  );
  unwatch();
  const settled = await world.settle(caller);
  const records = await readRecords(caller);
  const firings = world.findFirings(await readKeysOfCluster(cluster));
  const lines = readFileSync(executions, 'utf8').trim().split('\n');
  // No death of a process counts against a run here.
  const kills: readonly number[] = [];
  return {
    told: journal.entries,
    executions: lines.map((line) => JSON.parse(line) as Execution),
    records,
    others: load.others,
    world: { ...settled, firings },
    kills,
    overlap: OVERLAP,
  };
}

async function readKeysOfCluster({ postgres }: StartedCluster): Promise<ReadonlyMap<string, string>> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const { rows } = await client.query<KeyRow>(KEYS);
  await client.end();
  return new Map(rows.map(({ id, key }) => [id, key]));
}

/** For whoever looks for the cause: what each part says of the runs that have not ended. */
async function describe({ postgres, admin, members }: StartedCluster): Promise<string> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const runs = await client.query("SELECT * FROM runs WHERE status IN ('pending', 'running')");
  await client.end();
  const calls = await fetch(`${admin.url}/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query: 'SELECT * FROM sys_invocation' }),
  });
  const said = members.map((member) => member.said);
  return JSON.stringify({ runs: runs.rows, calls: await calls.text(), said }, null, 2);
}

/** What is waited for, or that it has taken too long. */
function within(ms: number, done: () => boolean): () => boolean {
  const until = Date.now() + ms;
  return () => done() || Date.now() > until;
}

const CALL_MS = 20_000;

/** Each call goes to a process by chance; to one that is away it is cut off. */
function anyOf({ members }: StartedCluster, random: Random): Caller {
  const pick = (): string => members[random.below(members.length)]?.url ?? '';
  return {
    get url() {
      return pick();
    },
    api: async (path, init) => {
      const { body } = init ?? {};
      const response = await fetch(`${pick()}/api/v1${path}`, {
        method: init?.method ?? 'GET',
        headers: { authorization: `Bearer ${init?.key ?? KEY}`, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(CALL_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
    },
  };
}
