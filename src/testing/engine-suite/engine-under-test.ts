import { afterEach } from 'vitest';
import type { Handler } from '../../core/handlers/node-kind.js';
import type { Json } from '../../core/json.js';
import type { Engine } from '../../core/ports/engine.js';
import type { Run } from '../../core/run/run.js';
import type { AuditEntry, AuditFact } from '../../core/tenant/audit.js';

export interface TestNode {
  readonly id: string;
  readonly kind: string;
  /** What a `code` node does. */
  readonly run?: Handler;
  readonly [field: string]: unknown;
}

/** An engine with a runner and records of its own, as one process has them. */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** Has a workflow with these nodes, and gives its id. */
  define(nodes: readonly TestNode[]): Promise<string>;
  /** Records a run with these nodes, and hands it to the engine. */
  accept(nodes: readonly TestNode[]): Promise<Run>;
  read(run: Pick<Run, 'id'>): Promise<Run>;
  /** What the organization of all these runs has in its audit trail of this one. */
  trailOf(run: Pick<Run, 'id'>): Promise<readonly AuditEntry[]>;
  /** Sends an event to the runs; gives how many waited for it. */
  send(name: string, data: Json, key?: string): Promise<number>;
  /** Has whatever gives it runs take it for dead; it goes on, and knows nothing of that. */
  cutOff(): Promise<void>;
  /** Another process on the same records; it has not started yet. */
  openAnother(): Promise<EngineUnderTest>;
  close(): Promise<void>;
}

export type MakeEngine = (options: { readonly maxActiveRuns: number }) => Promise<EngineUnderTest>;

/** Engines for the tests of a `describe`, each closed after its test. */
export function useEngine(makeEngine: MakeEngine): (maxActiveRuns?: number) => Promise<EngineUnderTest> {
  const opened: EngineUnderTest[] = [];
  afterEach(async () => {
    for (const under of opened.splice(0)) await under.close();
  });
  return async (maxActiveRuns = 10) => {
    const under = await makeEngine({ maxActiveRuns });
    opened.push(under);
    await under.engine.start();
    return under;
  };
}

/** Resolves with the run once it is as it is to be. */
export async function until(under: EngineUnderTest, run: Pick<Run, 'id'>, holds: (run: Run) => boolean): Promise<Run> {
  for (;;) {
    const now = await under.read(run);
    if (holds(now)) return now;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const isEnded = ({ status }: Run): boolean => status !== 'pending' && status !== 'running';
export const isParked = ({ nodes }: Run): boolean => nodes.some(({ status }) => status === 'waiting');

/** Work that goes on until it is let go, or aborted. */
export function gate(): { readonly run: Handler; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const run: Handler = ({ signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      void opened.then(() => resolve('opened'));
    });
  return { run, open };
}

/** What somebody does to a run. */
export function factOf({ id, organizationId }: Run, action: string, by = 'somebody'): AuditFact {
  const actor = { kind: 'key', id: by, organizationId } as const;
  const target = { kind: 'run', id };
  return { at: 1_000, actor, from: '203.0.113.7', action, target, before: null, after: null };
}
