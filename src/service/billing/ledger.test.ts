import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedNotifier } from '../../engine/embedded/embedded-notifier.js';
import { v7 as uuidv7 } from 'uuid';
import { createKeyMaker } from '../../auth/api-keys.js';
import { applyEvent } from '../../core/run/apply-event.js';
import { computePartialCharge, toCycle } from '../../core/run/credits.js';
import { NO_WAITS, type Engine } from '../../core/ports/engine.js';
import { NO_USAGE } from '../../core/models/models.js';
import { isErrandError } from '../../core/errors.js';
import type { RunEvent, RunEventBody } from '../../core/run/events.js';
import { silentLogger } from '../../core/ports/logger.js';
import { SCOPES, type Principal } from '../../core/tenant/principal.js';
import type { Run } from '../../core/run/run.js';
import type { Store } from '../../core/ports/store/store.js';
import { nodeKinds } from '../../nodes/registry.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { Catalog } from '../state/catalog.js';
import { createServices } from '../create-services.js';
import { BillingDays } from './billing-days.js';
import { createRunRecorder } from '../runs/change/record-run.js';
import type { Services } from '../interface/services.js';
import { sumLedger } from '../../testing/sum-ledger.js';

/** Runs only ever do what a test has them do. */
const idleEngine: Engine = {
  start: async () => undefined,
  assertAccepting: async () => undefined,
  dispatch: async () => undefined,
  explainWaits: async () => NO_WAITS,
  readUse: async () => {
    const none = { active: 0, limit: null, processLimit: null };
    return { runs: none, nodes: none };
  },
  readSharedUse: () => ({ runs: new Map(), nodes: new Map(), resources: new Map() }),
  limitsChanged: async () => undefined,
  cancel: async ({ run }) => run,
  answer: async () => undefined,
  look: async () => undefined,
  stop: async () => undefined,
};

const AGENTS = ['a', 'b', 'c', 'd'];
const DAY_MS = 86_400_000;

let store: Store;
beforeAll(async () => {
  store = await openSqliteStore({ path: ':memory:' });
});
afterAll(() => store.close());

/** An organization of its own, its services, and a ledger kept by the rules in words of one line each. */
class LedgerUnderTest {
  readonly clock = new ManualClock(Date.UTC(2026, 10, 20));
  readonly billingDay: number;
  readonly notifier = new EmbeddedNotifier();
  readonly runs: Run[] = [];
  services!: Services;
  caller!: Principal;
  /** `own`: what of a cycle's use its own credits have paid; top-ups have paid the rest. */
  expected = { limit: 0, reserved: 0, toppedUp: 0, used: new Map<string, number>(), own: new Map<string, number>() };

  readonly #billingDays: BillingDays;
  readonly #own: number | null;

  constructor({ defaultDay, own }: { readonly defaultDay: number; readonly own: number | null }) {
    this.#billingDays = new BillingDays({ store, clock: this.clock, defaultDay });
    this.#own = own;
    this.billingDay = own ?? defaultDay;
  }

  async open(limit: number): Promise<void> {
    const { clock, notifier } = this;
    const catalog = new Catalog({ store, clock, kinds: nodeKinds });
    const nodes = AGENTS.map((id) => ({ id, kind: 'transform', role: id, label: id, on_error: 'continue' as const }));
    const byUse = { base: 10, per_1k_tokens: 3, max: 40 };
    const definitions = [0, 7, 25, byUse].map((credits) => ({
      id: `w${typeof credits === 'number' ? credits : credits.max}`,
      name: 'W',
      description: 'w',
      credits,
      nodes,
    }));
    await catalog.replaceAll(definitions.map((definition) => ({ definition, handlers: {}, hash: definition.id })));
    const keys = createKeyMaker();
    const shared = { store, engine: idleEngine, catalog, notifier, keys, clock, newId: uuidv7 };
    const deps = { ...shared, billingDays: this.#billingDays, logger: silentLogger };
    this.services = createServices(deps);
    const operator: Principal = { organizationId: '', keyId: null, scopes: SCOPES };
    const slug = `org-${uuidv7()}`;
    const { organization } = await this.services.createOrganization(operator, { slug, monthlyCredits: limit });
    const { id } = organization;
    if (this.#own !== null)
      await this.services.updateOrganization(operator, { organization: slug, billingDay: this.#own });
    this.caller = { ...operator, organizationId: id };
    this.expected.limit = limit;
  }

  get available(): number {
    return (
      this.expected.limit +
      this.expected.toppedUp -
      this.expected.reserved -
      (this.expected.own.get(toCycle(this.clock.now(), this.billingDay)) ?? 0)
    );
  }

  async start(workflowId: string): Promise<void> {
    const cost = Number(workflowId.slice(1));
    const started = await this.#attempt(() => this.services.runWorkflow(this.caller, { workflowId, input: {} }));
    assert.equal(started !== null, cost <= this.available, 'a run starts when it can be paid');
    if (started === null) return;
    this.runs.push(started.run);
    this.expected.reserved += cost;
  }

  /** Ends the run as the runner would, with some of its agents completed. */
  async end(
    run: Run,
    kind: 'completed' | 'partial' | 'failed' | 'cancelled',
    { completed, tokens }: { readonly completed: number; readonly tokens: number },
  ): Promise<void> {
    if (run.completedAt !== null) return;
    const bodies: RunEventBody[] = AGENTS.filter((_, n) => run.nodes[n]?.status === 'pending').map((nodeId, n) =>
      kind === 'completed' || n < completed
        ? { kind: 'node.completed', nodeId, attempt: 1, output: null }
        : { kind: 'node.failed', nodeId, attempt: 1, error: { kind: 'error', message: 'down' } },
    );
    const usage = { ...NO_USAGE, model: 'test/one', calls: 1, inputTokens: tokens };
    bodies.push({ kind: 'node.usage', nodeId: 'a', step: 's', usage });
    const { nodes } = this.#fold(run, bodies).run;
    const [whole, share] = pricesOf(run, nodes);
    const costs = {
      completed: Math.max(run.creditsConsumed, whole),
      partial: Math.max(run.creditsConsumed, share),
      failed: run.creditsConsumed,
      cancelled: run.creditsConsumed,
    };
    bodies.push(this.#endOf(kind, costs[kind]));
    const { run: ended, events } = this.#fold(run, bodies);
    const recorder = createRunRecorder({
      store,
      notifier: this.notifier,
      newId: uuidv7,
      billingDays: this.#billingDays,
    });
    // Recorded twice, as after a commit whose answer was lost: it counts once.
    const { epoch = 0 } = (await store.runs.beginDrive({ organizationId: run.organizationId, runId: run.id })) ?? {};
    assert.equal(await recorder.record({ run: ended, events, epoch }), 'kept');
    assert.equal(await recorder.record({ run: ended, events, epoch }), 'repeated');
    this.#replace(ended);
    // What is held is the cost less what was settled before; it is released, and what was consumed beyond that is used.
    this.expected.reserved -= run.creditsReserved - run.creditsConsumed;
    const month = toCycle(this.clock.now(), this.billingDay);
    this.#use(month, costs[kind] - run.creditsConsumed);
  }

  #use(month: string, credits: number): void {
    const { used, own, limit, toppedUp } = this.expected;
    used.set(month, (used.get(month) ?? 0) + credits);
    const before = own.get(month) ?? 0;
    const drawn = Math.min(toppedUp, Math.max(0, before + credits - limit));
    own.set(month, before + credits - drawn);
    this.expected.toppedUp -= drawn;
  }

  async topUp(credits: number): Promise<void> {
    const { organizationId: organization } = this.caller;
    const asked = { organization, credits, reason: 'more', idempotencyKey: uuidv7() };
    for (const created of [true, false])
      assert.equal((await this.services.topUpCredits(this.caller, asked)).created, created);
    this.expected.toppedUp += credits;
  }

  async retry(run: Run): Promise<void> {
    const held = run.creditsReserved - run.creditsConsumed;
    const allowed =
      run.completedAt !== null && run.status !== 'completed' && run.nodes.some(({ status }) => status === 'failed');
    const possible = allowed && held <= this.available;
    const retried = await this.#attempt(() => this.services.retryRun(this.caller, { runId: run.id }));
    assert.equal(retried !== null, possible, 'a run is retried when it may be and can be paid');
    if (retried === null) return;
    this.#replace(retried);
    this.expected.reserved += held;
  }

  async check(): Promise<void> {
    const { reserved, used } = this.expected;
    const sums = await sumLedger(store, this.caller);
    assert.deepEqual([sums.reserved, sums.toppedUp], [reserved, this.expected.toppedUp]);
    for (const [month, sum] of used) assert.equal(sums.usedByMonth[month] ?? 0, sum);
    const balance = await this.services.getCredits(this.caller);
    assert.deepEqual([balance.reserved, balance.available], [reserved, this.available]);
    assert.ok(reserved >= 0 && this.available >= 0, 'nothing is overdrawn');
  }

  #endOf(kind: 'completed' | 'partial' | 'failed' | 'cancelled', creditsConsumed: number): RunEventBody {
    const summary = null;
    switch (kind) {
      case 'completed':
        return { kind: 'run.completed', output: null, summary, creditsConsumed };
      case 'partial':
        return { kind: 'run.partially_completed', output: null, outputError: null, summary, creditsConsumed };
      case 'failed':
        return { kind: 'run.failed', error: { kind: 'error', message: 'down', nodeId: 'a' } };
      case 'cancelled':
        return { kind: 'run.cancelled', reason: 'enough' };
    }
  }

  #fold(run: Run, bodies: readonly RunEventBody[]): { readonly run: Run; readonly events: RunEvent[] } {
    const events = bodies.map((body, n) => ({ ...body, seq: run.version + 1 + n, at: this.clock.now() }));
    return { run: events.reduce(applyEvent, run), events };
  }

  #replace(run: Run): void {
    this.runs[this.runs.findIndex(({ id }) => id === run.id)] = run;
  }

  async #attempt<T>(action: () => Promise<T>): Promise<T | null> {
    try {
      return await action();
    } catch (error) {
      if (!isErrandError(error)) throw error;
      assert.match(error.code, /^(insufficient_credits|conflict)$/);
      return null;
    }
  }
}

/** What a run costs whole, and in part. */
function pricesOf({ workflowId, creditsReserved }: Run, nodes: Run['nodes']): readonly [number, number] {
  if (workflowId !== 'w40') return [creditsReserved, computePartialCharge(creditsReserved, nodes)];
  const tokens = nodes.reduce((sum, { usage }) => sum + (usage?.inputTokens ?? 0), 0);
  const priceFrom = (base: number): number => Math.min(40, Math.ceil((base * 1_000 + 3 * tokens) / 1_000));
  return [priceFrom(10), priceFrom(computePartialCharge(10, nodes))];
}

const op = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('start' as const), workflow: fc.constantFrom('w0', 'w7', 'w25', 'w40') }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('end' as const),
      at: fc.nat(5),
      as: fc.constantFrom(
        'partial' as const,
        'failed' as const,
        'partial' as const,
        'completed' as const,
        'cancelled' as const,
      ),
      completed: fc.integer({ min: 0, max: 3 }),
      tokens: fc.integer({ min: 0, max: 6_000 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ op: fc.constant('retry' as const), at: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('top up' as const), credits: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 12 }) }) },
);

const DAYS = [
  { defaultDay: 1, own: null },
  { defaultDay: 17, own: null },
  { defaultDay: 1, own: 15 },
] as const;

describe.each(DAYS)('the ledger, with cycles that begin on day $defaultDay, its own $own', (days) => {
  it('agrees with the rules after every start, end, cancel and retry, in whatever order and over months', async () => {
    let retries = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(op, { minLength: 10, maxLength: 60 }),
        fc.integer({ min: 20, max: 150 }),
        async (ops, limit) => {
          const ledger = new LedgerUnderTest(days);
          await ledger.open(limit);
          for (const step of ops) {
            const run = 'at' in step ? ledger.runs[step.at % Math.max(1, ledger.runs.length)] : undefined;
            if (step.op === 'start') await ledger.start(step.workflow);
            else if (step.op === 'top up') await ledger.topUp(step.credits);
            else if (step.op === 'wait') ledger.clock.jumpTo(ledger.clock.now() + step.days * DAY_MS);
            else if (run !== undefined && step.op === 'end') await ledger.end(run, step.as, step);
            else if (run !== undefined && step.op === 'retry') await ledger.retry(run);
            await ledger.check();
          }
          retries += ledger.runs.reduce((sum, run) => sum + (run.retries?.count ?? 0), 0);
        },
      ),
      { numRuns: 150 },
    );
    expect(retries).toBeGreaterThan(50);
  });
});
