import type { ApiNodeItem, ApiRun } from '../../src/api/api-types.js';
import { bare, call, type Caller, digest, observe, post, readLog } from '../client.js';
import { now, type Journal } from '../journal.js';
import type { Random } from '../random.js';
import type { Started } from './orders.js';
import { AWAITED } from './graphs.js';

interface AttendantOptions {
  readonly journal: Journal;
  readonly random: Random;
  /** Called at each acknowledgement. */
  readonly onAcknowledged: () => void;
}

/** Looks after runs that were started: reads them, answers their questions, sends what they wait for, cancels them. */
export class Attendant {
  readonly #journal: Journal;
  readonly #random: Random;
  readonly #onAcknowledged: () => void;

  constructor({ journal, random, onAcknowledged }: AttendantOptions) {
    this.#journal = journal;
    this.#random = random;
    this.#onAcknowledged = onAcknowledged;
  }

  /** Gives the run as it was seen. */
  async attend(server: Caller, { run, order }: Started): Promise<ApiRun> {
    const { record, seen } = await observe(server, run);
    this.#journal.note(seen);
    if (this.#random.chance(0.15)) await this.#readLog(server, run);
    if (record.nodes.some(({ id }) => id === 'each') && this.#random.chance(0.5)) await this.#readItems(server, record);
    for (const node of record.nodes) {
      if (node.waiting_for === 'answer') {
        if (order.workflow === 'halted' && record.retries === 0) await this.cancel(server, run);
        else await this.#answer(server, run, node.id);
      }
      if (node.event?.name === AWAITED) await this.sendEvent(server, run);
      const child = node.child_run_id;
      if (child !== null && !record.terminal) await this.#attendChild(server, bare(child));
    }
    if (record.terminal) await this.#readLog(server, run);
    return record;
  }

  async cancel(server: Caller, run: string): Promise<void> {
    const body = { reason: 'chaos' };
    const { version } = (await call(server, `/runs/run_${run}/cancel`, { method: 'POST', body })) as ApiRun;
    this.#journal.note({ what: 'cancelled', at: now(), run, version });
    this.#onAcknowledged();
  }

  /** The one event that a run of its own waits for, or will: sent again, it is the same. */
  async sendEvent(server: Caller, run: string): Promise<void> {
    const data = { told: run };
    const body = JSON.stringify({ name: AWAITED, key: run, data });
    await post(server, '/api/v1/events', { body, headers: { 'idempotency-key': `event-${run}` } });
    this.#journal.note({ what: 'event', at: now(), run, data });
    this.#onAcknowledged();
  }

  async #attendChild(server: Caller, run: string): Promise<void> {
    const { record, seen } = await observe(server, run);
    this.#journal.note(seen);
    for (const node of record.nodes) if (node.waiting_for === 'answer') await this.#answer(server, run, node.id);
  }

  async #answer(server: Caller, run: string, node: string): Promise<void> {
    if (!this.#random.chance(0.4)) return;
    const answer = this.#random.below(1_000_000_000);
    await call(server, `/runs/run_${run}/nodes/${node}/answer`, { method: 'POST', body: { answer } });
    this.#journal.note({ what: 'answered', at: now(), run, node, answer });
    this.#onAcknowledged();
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
