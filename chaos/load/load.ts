import type { ApiBatch, ApiRun } from '../../src/api/api-types.js';
import { Attendant } from './attendant.js';
import { bare, call, type Caller, NotAcknowledged, observation } from '../client.js';
import { now, type Journal, type Observation } from '../journal.js';
import { type OtherCall, OtherCalls } from './other-calls.js';
import { type Batch, type Order, Orders, type Started } from './orders.js';
import type { Random } from '../random.js';
import type { World } from '../world/world.js';
import { isOwnNode } from './own-node.js';
import { FLOWS, HARMFUL, MEASURED, type SecondChance, USUAL } from './workload.js';

interface LoadOptions {
  readonly journal: Journal;
  readonly random: Random;
  /** Through whose hook some runs are started, and who is told of runs. */
  readonly world: World;
  /** How many runs are under way at most. */
  readonly active: number;
  /** How often a run that is looked at is cancelled. */
  readonly cancels: number;
  /** A quick run is ordered each so many milliseconds, whatever else is under way; null: none beside the others. */
  readonly pulseMs: number | null;
  /** How often an ended run is given a second chance. */
  readonly chances: number;
  /** Takes away what troubles a run. */
  readonly cure: (run: string) => void;
}

const WORKERS = 6;
/** How many runs that do harm are under way at most. */
const MAX_HARMFUL = 4;

const isHarmful = ({ workflow }: Order): boolean => HARMFUL.includes(workflow);

/** Callers of the server: they start runs, look, answer, cancel, retry and rerun, and note what they were told. */
export class Load {
  /** Called at each acknowledgement: the sharpest moment for a kill. */
  onAcknowledged: () => void = () => undefined;
  refused = 0;
  unanswered = 0;
  readonly unexpected: string[] = [];
  readonly #options: LoadOptions;
  readonly #journal: Journal;
  readonly #random: Random;
  readonly #orders: Orders;
  readonly #others: OtherCalls;
  readonly #attendant: Attendant;
  readonly #lost = new Set<Order>();
  readonly #runs = new Map<string, Started>();
  readonly #underWay = new Set<Started>();
  /** Workflows of which no run was given the second chance that is its first. */
  readonly #withoutChance = new Set(USUAL);
  #ordering = true;
  #harming = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#journal = options.journal;
    this.#random = options.random;
    this.#orders = new Orders(options.random, options.world.callback);
    this.#others = new OtherCalls(options.random);
    const { journal, random } = options;
    this.#attendant = new Attendant({ journal, random, onAcknowledged: () => this.onAcknowledged() });
  }

  /** How many runs are not known to have ended, and orders that have had no answer. */
  get open(): number {
    return this.#underWay.size + this.#lost.size + this.#others.open;
  }

  get others(): readonly OtherCall[] {
    return this.#others.all;
  }

  /** How many runs were ordered; 0 while there is a workflow of which none was. */
  get ordered(): number {
    return this.#orders.hasAll ? this.#orders.all.length : 0;
  }

  /** Whether a run of each workflow has had a second chance. */
  get everyChanceGiven(): boolean {
    return this.#withoutChance.size === 0;
  }

  /** Some runs do harm from now on, and each workflow that does so has its turn. */
  admitHarm(): void {
    this.letHarm(true);
    this.#orders.admitHarm();
    for (const workflow of HARMFUL) this.#withoutChance.add(workflow);
  }

  /** Whether runs that do harm are ordered and retried from now on. */
  letHarm(harming: boolean): void {
    this.#harming = harming;
  }

  /** Whether no run that does harm is under way, as far as is known. */
  get isHarmless(): boolean {
    return this.#countHarmful() === 0;
  }

  /** How many of the runs whose times are measured were begun since then, and are seen to have completed. */
  countMeasured(since: number): number {
    const ended = [...this.#runs.values()].filter(({ end }) => end !== null && Date.parse(end.created_at) >= since);
    return ended.filter(({ end, order }) => order.workflow === MEASURED && end?.status === 'completed').length;
  }

  /** From now on only what was begun is brought to its end, and given the second chances that are still to be had. */
  stopOrdering(): void {
    this.#ordering = false;
  }

  /** Until the server is gone or `done` holds. */
  async run(server: Caller, done: () => boolean): Promise<void> {
    await Promise.all([
      this.#pulse(server, done),
      ...Array.from({ length: WORKERS }, async () => {
        while (!done()) {
          await this.#counted(() => this.#act(server));
          // Leaves the processor to the server, and is all the pause there is.
          await new Promise((resolve) => setTimeout(resolve, 2 + this.#random.below(6)));
        }
      }),
    ]);
  }

  /** Runs whose times are measured, at the same pace whatever else goes on. */
  async #pulse(server: Caller, done: () => boolean): Promise<void> {
    const { pulseMs } = this.#options;
    if (pulseMs === null) return;
    while (this.#ordering && !done()) {
      await this.#counted(() => this.#send(server, this.#place(this.#orders.order(MEASURED))));
      await new Promise((resolve) => setTimeout(resolve, pulseMs));
    }
  }

  async #counted(calling: () => Promise<void>): Promise<void> {
    try {
      await calling();
    } catch (error) {
      if (!(error instanceof NotAcknowledged)) throw error;
      this.#count(error);
    }
  }

  #count(error: NotAcknowledged): void {
    if (error.status === null) this.unanswered += 1;
    else this.refused += 1;
    if (!error.isExpected) this.unexpected.push(`${error.status} ${error.message}`);
  }

  async #act(server: Caller): Promise<void> {
    const lost = [...this.#lost].find((order) => !order.busy && (!order.mustWait || this.#random.chance(0.1)));
    if (lost !== undefined) return this.#send(server, lost);
    const other = this.#random.chance(0.1) ? this.#others.again() : undefined;
    if (other !== undefined) return this.#others.send(server, other);
    const due = this.#due();
    if (due !== undefined) return this.#claim(due, () => this.#giveChance(server, due));
    if (this.#ordering) {
      // Where nothing is cancelled by chance, no bulk job does it.
      if (this.#options.cancels > 0 && this.#random.chance(0.03))
        return this.#others.send(server, this.#others.order([...this.#underWay].map(({ run }) => run)));
      if (this.#random.chance(0.05)) {
        const again = this.#random.pick(this.#orders.all);
        if (again !== undefined && !again.busy) return this.#send(server, again);
      }
      if (this.#underWay.size < this.#options.active && this.#random.chance(0.5)) return this.#sendNext(server);
    }
    const started = this.#random.pick([...this.#underWay].filter(({ busy }) => !busy));
    if (started !== undefined) await this.#claim(started, () => this.#attend(server, started));
  }

  async #sendNext(server: Caller): Promise<void> {
    const isHarm = this.#nextIsHarmful();
    const first = isHarm ? undefined : this.#orders.drawBatch();
    for (const order of first?.batch?.orders ?? []) this.#place(order);
    return this.#send(server, first ?? this.#place(this.#orders.draw(isHarm ? 'harmful' : 'usual')));
  }

  #nextIsHarmful(): boolean {
    return this.#harming && this.#countHarmful() < MAX_HARMFUL;
  }

  #countHarmful(): number {
    const orders = [...[...this.#underWay].map(({ order }) => order), ...this.#lost];
    return orders.filter(isHarmful).length;
  }

  async #claim(started: Started, calling: () => Promise<void>): Promise<void> {
    started.busy = true;
    try {
      await calling();
    } finally {
      started.busy = false;
    }
  }

  #place(order: Order): Order {
    this.#lost.add(order);
    return order;
  }

  async #send(server: Caller, order: Order): Promise<void> {
    const { batch } = order;
    // Once it is known what became of each, they are sent again one by one, too.
    if (batch !== null && (!batch.isAcknowledged || this.#random.chance(0.5))) return this.#sendBatch(server, batch);
    await this.#sendAll([order], async () => {
      const sent = now();
      const { path, body, isDelivery } = order;
      const answer = isDelivery
        ? await this.#options.world.deliver(server, order)
        : await call(server, path, { method: 'POST', body });
      const run = answer as Pick<ApiRun, 'run_id'>;
      this.#accept(order, bare(run.run_id), isDelivery ? null : observation(run as ApiRun, sent));
      // Before it waits for it, unless it took over what an earlier run had heard.
      if (order.workflow === 'awaits' && order.again === null && this.#random.chance(0.5))
        await this.#attendant.sendEvent(server, bare(run.run_id));
    });
  }

  async #sendBatch(server: Caller, batch: Batch): Promise<void> {
    const { orders } = batch;
    if (orders.some(({ busy }) => busy)) return;
    await this.#sendAll(orders, async () => {
      const body = { runs: orders.map((order) => order.body) };
      const { outcomes } = (await call(server, '/runs/batch', { method: 'POST', body })) as ApiBatch;
      batch.isAcknowledged = true;
      const runs = outcomes.map(({ run }) => (run === null ? null : bare(run.run_id)));
      const keys = orders.map(({ key }) => key);
      const became = outcomes.map(({ outcome }) => outcome);
      this.#journal.note({ what: 'batch', at: now(), run: runs[0] ?? '', keys, runs, outcomes: became });
      for (const [index, order] of orders.entries()) {
        const run = runs[index] ?? null;
        // One that was refused the checker will tell of.
        if (run !== null) this.#accept(order, run, null);
      }
    });
  }

  async #sendAll(orders: readonly Order[], sending: () => Promise<void>): Promise<void> {
    for (const order of orders) {
      order.busy = true;
      order.sendings += 1;
    }
    try {
      await sending();
    } catch (error) {
      // 409: the run that it goes on from has been retried meanwhile, and is to be brought to its end first.
      const mustWait = error instanceof NotAcknowledged && (error.status === 409 || error.status === 429);
      for (const order of orders) order.mustWait = mustWait;
      throw error;
    } finally {
      for (const order of orders) order.busy = false;
    }
  }

  /** `seen`: the run as it was answered; null where the answer does not show it. */
  #accept(order: Order, run: string, seen: Observation | null): void {
    const { key, workflow, input, again, sendings: sending, body } = order;
    const hasCallback = body.callback !== undefined;
    this.#journal.note({ what: 'accepted', at: now(), run, key, workflow, input, again, sending, hasCallback });
    this.onAcknowledged();
    this.#lost.delete(order);
    if (this.#runs.has(run)) return;
    // What a key's second answer shows is not in order with the calls of the run's own.
    if (seen !== null) this.#journal.note(seen);
    const started: Started = { run, order, busy: false, end: null };
    this.#runs.set(run, started);
    this.#underWay.add(started);
  }

  /** An ended run that is to have a second chance now. */
  #due(): Started | undefined {
    const byChance =
      this.#ordering && this.#underWay.size < this.#options.active && this.#random.chance(this.#options.chances);
    if (!byChance && this.#withoutChance.size === 0) return undefined;
    const ended = [...this.#runs.values()].filter(
      ({ end, busy, order }) => end !== null && !busy && (this.#harming || !isHarmful(order)),
    );
    const first = ended.find((started) => this.#isFirst(started));
    if (first !== undefined || !byChance) return first;
    // Most have completed, and few of the others would be had.
    const retryable = ended.filter(({ end }) => end?.status !== 'completed');
    return this.#random.pick(retryable.length > 0 && this.#random.chance(0.5) ? retryable : ended);
  }

  /** Whether it is to be given the second chance that is the first of its workflow. */
  #isFirst({ order, end }: Started): boolean {
    if (order.again !== null || !this.#withoutChance.has(order.workflow)) return false;
    return end?.status !== 'completed' || FLOWS[order.workflow]?.chance.kind !== 'retry';
  }

  async #giveChance(server: Caller, started: Started): Promise<void> {
    const { workflow } = started.order;
    const chance = this.#isFirst(started) ? FLOWS[workflow]?.chance : this.#drawChance(started);
    if (chance?.kind === 'rerun') {
      this.#withoutChance.delete(workflow);
      await this.#send(server, this.#place(this.#orders.rerun(started, chance)));
    } else if (chance?.kind === 'retry') await this.#retry(server, started);
  }

  #drawChance({ order, end }: Started): SecondChance {
    if (end?.status !== 'completed' && this.#random.chance(0.7)) return { kind: 'retry' };
    const flow = FLOWS[order.workflow];
    const from =
      this.#random.pick([null, ...(flow?.beginsAt ?? Object.keys(flow?.after ?? {}).filter(isOwnNode))]) ?? null;
    return { kind: 'rerun', from, input: from === null && this.#random.chance(0.5) ? 'another' : 'same' };
  }

  async #retry(server: Caller, started: Started): Promise<void> {
    const { run, order, end } = started;
    if (end === null) return;
    this.#options.cure(run);
    // Where the retried run waits for the next answer, it cannot have ended before a second retry comes: one of the two
    // is refused.
    const calls = order.workflow === 'halted' && order.again === null && end.retries === 0 ? 2 : 1;
    this.#journal.note({ what: 'retrying', at: now(), run, version: end.version, calls });
    started.end = null;
    this.#underWay.add(started);
    const retry = async (): Promise<void> => {
      const { version } = (await call(server, `/runs/run_${run}/retry`, { method: 'POST', body: {} })) as ApiRun;
      this.#journal.note({ what: 'retried', at: now(), run, version });
      this.#withoutChance.delete(order.workflow);
      this.onAcknowledged();
    };
    await Promise.all(Array.from({ length: calls }, () => this.#counted(retry)));
  }

  async #attend(server: Caller, started: Started): Promise<void> {
    const { run } = started;
    if (this.#ordering && this.#random.chance(this.#options.cancels)) await this.#attendant.cancel(server, run);
    let record: ApiRun;
    try {
      record = await this.#attendant.attend(server, started);
    } catch (error) {
      // Lost: the checker will say so, and there is nothing to wait for.
      if (error instanceof NotAcknowledged && error.status === 404) this.#underWay.delete(started);
      throw error;
    }
    if (!record.terminal) return;
    if (record.retries > 0) this.#withoutChance.delete(started.order.workflow);
    started.end = record;
    this.#underWay.delete(started);
  }
}
