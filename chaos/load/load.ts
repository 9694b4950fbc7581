import type { ApiNodeItem, ApiRun } from '../../src/api/api-types.js';
import { bare, call, type Caller, digest, NotAcknowledged, observation, observe, readLog } from '../client.js';
import { now, type Journal } from '../journal.js';
import { type OtherCall, OtherCalls } from './other-calls.js';
import { type Order, Orders, type Started } from './orders.js';
import type { Random } from '../random.js';
import { isOwnNode } from './own-node.js';
import { FLOWS, HARMFUL, MEASURED, type SecondChance, USUAL } from './workload.js';

interface LoadOptions {
  readonly journal: Journal;
  readonly random: Random;
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
    this.#orders = new Orders(options.random);
    this.#others = new OtherCalls(options.random);
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
    // 409: the run had ended, or the question had been answered, by a call that was cut off. 503: stopping, or nothing
    // can be written.
    if (error.status !== null && error.status !== 409 && error.status !== 503)
      this.unexpected.push(`${error.status} ${error.message}`);
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
      if (this.#underWay.size < this.#options.active && this.#random.chance(0.5))
        return this.#send(server, this.#place(this.#orders.draw(this.#nextIsHarmful() ? 'harmful' : 'usual')));
    }
    const started = this.#random.pick([...this.#underWay].filter(({ busy }) => !busy));
    if (started !== undefined) await this.#claim(started, () => this.#attend(server, started));
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
    order.busy = true;
    order.sendings += 1;
    const sent = now();
    try {
      const { path, key, workflow, input, again, sendings: sending } = order;
      const body = (await call(server, path, { method: 'POST', body: order.body })) as ApiRun;
      const run = bare(body.run_id);
      this.#journal.note({ what: 'accepted', at: now(), run, key, workflow, input, again, sending });
      this.onAcknowledged();
      this.#lost.delete(order);
      // What a key's second answer shows is not in order with the calls of the run's own.
      if (!this.#runs.has(run)) {
        this.#journal.note(observation(body, sent));
        const started: Started = { run, order, busy: false, end: null };
        this.#runs.set(run, started);
        this.#underWay.add(started);
      }
    } catch (error) {
      // The run that it goes on from has been retried meanwhile, and is to be brought to its end first.
      order.mustWait = error instanceof NotAcknowledged && error.status === 409;
      throw error;
    } finally {
      order.busy = false;
    }
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
    const { run, order } = started;
    if (this.#ordering && this.#random.chance(this.#options.cancels)) await this.#cancel(server, run);
    const { record, seen } = await this.#observe(server, started);
    this.#journal.note(seen);
    if (this.#random.chance(0.15)) await this.#readLog(server, run);
    if (record.nodes.some(({ id }) => id === 'each') && this.#random.chance(0.5)) await this.#readItems(server, record);
    for (const node of record.nodes) {
      if (node.waiting_for === 'answer') {
        if (order.workflow === 'halted' && record.retries === 0) await this.#cancel(server, run);
        else await this.#answer(server, run, node.id);
      }
      const child = node.child_run_id;
      if (child !== null && !record.terminal) await this.#attendChild(server, bare(child));
    }
    if (record.terminal) {
      await this.#readLog(server, run);
      if (record.retries > 0) this.#withoutChance.delete(order.workflow);
      started.end = record;
      this.#underWay.delete(started);
    }
  }

  async #observe(server: Caller, started: Started): ReturnType<typeof observe> {
    try {
      return await observe(server, started.run);
    } catch (error) {
      // Lost: the checker will say so, and there is nothing to wait for.
      if (error instanceof NotAcknowledged && error.status === 404) this.#underWay.delete(started);
      throw error;
    }
  }

  async #attendChild(server: Caller, run: string): Promise<void> {
    const { record, seen } = await observe(server, run);
    this.#journal.note(seen);
    for (const node of record.nodes) if (node.waiting_for === 'answer') await this.#answer(server, run, node.id);
  }

  async #cancel(server: Caller, run: string): Promise<void> {
    const body = { reason: 'chaos' };
    const { version } = (await call(server, `/runs/run_${run}/cancel`, { method: 'POST', body })) as ApiRun;
    this.#journal.note({ what: 'cancelled', at: now(), run, version });
    this.onAcknowledged();
  }

  async #answer(server: Caller, run: string, node: string): Promise<void> {
    if (!this.#random.chance(0.4)) return;
    const answer = this.#random.below(1_000_000_000);
    await call(server, `/runs/run_${run}/nodes/${node}/answer`, { method: 'POST', body: { answer } });
    this.#journal.note({ what: 'answered', at: now(), run, node, answer });
    this.onAcknowledged();
  }

  async #readLog(server: Caller, run: string): Promise<void> {
    const log = await readLog(server, run);
    this.#journal.note({ what: 'log', at: now(), run, seq: log.length, digest: digest(log) });
  }

  async #readItems(server: Caller, { run_id }: ApiRun): Promise<void> {
    const body = (await call(server, `/runs/${run_id}/nodes/each/items?limit=1000`)) as { items: ApiNodeItem[] };
    const ended = body.items.map(({ index, seq }) => ({ index, seq }));
    this.#journal.note({ what: 'items', at: now(), run: bare(run_id), node: 'each', ended });
  }
}
