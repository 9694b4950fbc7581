import type { ApiNodeItem, ApiRun } from '../src/http/api-types.js';
import type { ServerProcess } from '../test/server-process.js';
import { bare, call, digest, NotAcknowledged, observation, observe, readLog } from './client.js';
import { now, type Journal } from './journal.js';
import type { Random } from './random.js';
import { FLOWS } from './workload.js';

interface Started {
  readonly run: string;
  readonly workflow: string;
  /** One call at a time for each run, so that what is seen of it has an order. */
  busy: boolean;
}

interface Order {
  readonly key: string;
  readonly workflow: string;
  readonly input: unknown;
  sendings: number;
  busy: boolean;
}

const WORKERS = 6;
const WORKFLOWS = Object.keys(FLOWS);
const DRAW = Object.entries(FLOWS).flatMap(([id, flow]) => Array.from({ length: flow.weight }, () => id));

/** Callers of the server: they start runs, look, answer and cancel, and note what they were told. */
export class Load {
  /** Called at each acknowledgement: the sharpest moment for a kill. */
  onAcknowledged: () => void = () => undefined;
  refused = 0;
  unanswered = 0;
  readonly unexpected: string[] = [];
  readonly #journal: Journal;
  readonly #random: Random;
  readonly #active: number;
  readonly #cancels: number;
  readonly #orders: Order[] = [];
  readonly #lost = new Set<Order>();
  readonly #runs = new Map<string, Started>();
  readonly #underWay = new Set<Started>();
  #ordering = true;

  constructor(options: { journal: Journal; random: Random; active: number; cancels: number }) {
    this.#journal = options.journal;
    this.#random = options.random;
    this.#active = options.active;
    this.#cancels = options.cancels;
  }

  /** How many runs are not known to have ended, and orders that have had no answer. */
  get open(): number {
    return this.#underWay.size + this.#lost.size;
  }

  get ordered(): number {
    return this.#orders.length;
  }

  /** From now on only what was begun is brought to its end. */
  stopOrdering(): void {
    this.#ordering = false;
  }

  /** Until the server is gone or `done` holds. */
  async run(server: ServerProcess, done: () => boolean): Promise<void> {
    await Promise.all(
      Array.from({ length: WORKERS }, async () => {
        while (!done()) {
          try {
            await this.#act(server);
          } catch (error) {
            if (!(error instanceof NotAcknowledged)) throw error;
            this.#count(error);
          }
          // Leaves the processor to the server, and is all the pause there is.
          await new Promise((resolve) => setTimeout(resolve, 2 + this.#random.below(6)));
        }
      }),
    );
  }

  #count(error: NotAcknowledged): void {
    if (error.status === null) this.unanswered += 1;
    else this.refused += 1;
    // 409: the run had ended, or the question had been answered, by a call that was cut off. 503: stopping, or nothing can be written.
    if (error.status !== null && error.status !== 409 && error.status !== 503)
      this.unexpected.push(`${error.status} ${error.message}`);
  }

  async #act(server: ServerProcess): Promise<void> {
    const lost = [...this.#lost].find((order) => !order.busy);
    if (lost !== undefined) return this.#send(server, lost);
    if (this.#ordering) {
      if (this.#random.chance(0.05)) {
        const again = this.#random.pick(this.#orders);
        if (again !== undefined && !again.busy) return this.#send(server, again);
      }
      if (this.#underWay.size < this.#active && this.#random.chance(0.5)) return this.#send(server, this.#order());
    }
    const run = this.#random.pick([...this.#underWay].filter((started) => !started.busy));
    if (run === undefined) return;
    run.busy = true;
    try {
      await this.#attend(server, run);
    } finally {
      run.busy = false;
    }
  }

  #order(): Order {
    // Each once before they are drawn: the shortest load has all of them.
    const workflow = WORKFLOWS[this.#orders.length] ?? this.#random.pick(DRAW) ?? 'quick';
    const child = this.#random.pick(['quick', 'question', 'pause']) ?? 'quick';
    const input = {
      ms: this.#random.below(40),
      ...(workflow === 'fan' ? { items: Array.from({ length: 24 }, (_, index) => index) } : {}),
      ...(workflow === 'parent' ? { child } : {}),
    };
    const key = `order-${this.#orders.length + 1}`;
    const order = { key, workflow, input, sendings: 0, busy: false };
    this.#orders.push(order);
    this.#lost.add(order);
    return order;
  }

  async #send(server: ServerProcess, order: Order): Promise<void> {
    order.busy = true;
    order.sendings += 1;
    const sent = now();
    try {
      const body = (await call(server, '/runs', {
        method: 'POST',
        body: { workflow_id: order.workflow, input: order.input, idempotency_key: order.key },
      })) as ApiRun;
      const run = bare(body.run_id);
      const { key, workflow, sendings: sending } = order;
      this.#journal.note({ what: 'accepted', at: now(), run, key, workflow, sending });
      this.onAcknowledged();
      this.#lost.delete(order);
      // What a key's second answer shows is not in order with the calls of the run's own.
      if (!this.#runs.has(run)) {
        this.#journal.note(observation(body, sent));
        const started = { run, workflow, busy: false };
        this.#runs.set(run, started);
        this.#underWay.add(started);
      }
    } finally {
      order.busy = false;
    }
  }

  async #attend(server: ServerProcess, started: Started): Promise<void> {
    if (this.#ordering && this.#random.chance(this.#cancels)) {
      await call(server, `/runs/run_${started.run}/cancel`, { method: 'POST', body: { reason: 'chaos' } });
      this.#journal.note({ what: 'cancelled', at: now(), run: started.run });
      this.onAcknowledged();
    }
    const { record, seen } = await this.#observe(server, started);
    this.#journal.note(seen);
    if (this.#random.chance(0.15)) await this.#readLog(server, started.run);
    if (started.workflow === 'fan' && this.#random.chance(0.5)) await this.#readItems(server, started.run);
    for (const node of record.nodes) {
      if (node.waiting_for === 'answer') await this.#answer(server, started.run, node.id);
      const child = node.child_run_id;
      if (child !== null && !record.terminal) await this.#attendChild(server, bare(child));
    }
    if (record.terminal) {
      await this.#readLog(server, started.run);
      this.#underWay.delete(started);
    }
  }

  async #observe(server: ServerProcess, started: Started): ReturnType<typeof observe> {
    try {
      return await observe(server, started.run);
    } catch (error) {
      // Lost: the checker will say so, and there is nothing to wait for.
      if (error instanceof NotAcknowledged && error.status === 404) this.#underWay.delete(started);
      throw error;
    }
  }

  async #attendChild(server: ServerProcess, run: string): Promise<void> {
    const { record, seen } = await observe(server, run);
    this.#journal.note(seen);
    for (const node of record.nodes) if (node.waiting_for === 'answer') await this.#answer(server, run, node.id);
  }

  async #answer(server: ServerProcess, run: string, node: string): Promise<void> {
    if (!this.#random.chance(0.4)) return;
    const answer = this.#random.below(1_000_000_000);
    await call(server, `/runs/run_${run}/nodes/${node}/answer`, { method: 'POST', body: { answer } });
    this.#journal.note({ what: 'answered', at: now(), run, node, answer });
    this.onAcknowledged();
  }

  async #readLog(server: ServerProcess, run: string): Promise<void> {
    const log = await readLog(server, run);
    this.#journal.note({ what: 'log', at: now(), run, seq: log.length, digest: digest(log) });
  }

  async #readItems(server: ServerProcess, run: string): Promise<void> {
    const body = (await call(server, `/runs/run_${run}/nodes/each/items?limit=1000`)) as { items: ApiNodeItem[] };
    const ended = body.items.map((item) => item.index);
    this.#journal.note({ what: 'items', at: now(), run, node: 'each', ended });
  }
}
