import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { ApiNewHook } from '../../src/api/hook-types.js';
import type { ApiSchedule } from '../../src/api/schedule-types.js';
import type { ApiCallbackSecret, ApiDelivery, ApiNewWebhook } from '../../src/api/webhook-types.js';
import { bare, call, type Caller, post } from '../client.js';
import type { Order } from '../load/orders.js';
import { HOOKED, TIMED } from '../load/workload.js';
import type { Random } from '../random.js';
import { type Message, MessageReceiver } from './receiver.js';

/** A schedule's times are so far apart. */
export const PERIOD_MS = 2_000;

/** What came of all that reaches in from the world and out to it. Moments are epoch milliseconds. */
export interface WorldEvidence {
  readonly messages: readonly Message[];
  /** Messages that are still to be sent, or were given up. */
  readonly unsent: readonly UnsentMessage[];
  /** Whether there was time for all messages to be taken. */
  readonly isPatient: boolean;
  /** The schedule's first time, and the first that it had not come to when it was read. */
  readonly from: number;
  readonly to: number;
  /** When the schedule was read. */
  readonly readAt: number;
  /** Each run that the schedule has started, and for which time. */
  readonly firings: readonly { readonly run: string; readonly moment: number }[];
}

export interface UnsentMessage {
  readonly run: string;
  readonly event: string;
  readonly state: ApiDelivery['state'];
}

/** What a hook may refuse a delivery with: those of each call, and that there are too many. */
const REFUSALS: readonly number[] = [409, 429, 503];
/** How long a schedule has to come to its times once nothing disturbs it. */
const CATCH_UP_MS = 60_000;

interface WorldParams {
  readonly folder: string;
  readonly random: Random;
  /** How long all messages have to be taken in the end. */
  readonly patienceMs: number;
}

/** So long are messages waited for by which a long run of the harness is judged: a taken one is claimed for a minute. */
export const PATIENCE_MS = 200_000;

/** A webhook, callbacks, a hook and a schedule, of which the harness is the other end. */
export class World {
  readonly #receiver: MessageReceiver;
  readonly #patienceMs: number;
  readonly #secret = `whsec_${randomBytes(24).toString('base64')}`;
  #hookPath: string | null = null;
  #schedule: ApiSchedule | null = null;

  private constructor(receiver: MessageReceiver, patienceMs: number) {
    this.#receiver = receiver;
    this.#patienceMs = patienceMs;
  }

  static async open({ folder, random, patienceMs }: WorldParams): Promise<World> {
    return new World(await MessageReceiver.open({ random, journal: join(folder, 'messages.jsonl') }), patienceMs);
  }

  /** Where runs that are started with a callback tell of themselves. */
  get callback(): string {
    return this.#receiver.addressOf('callback');
  }

  get isSetUp(): boolean {
    return this.#schedule !== null;
  }

  close(): Promise<void> {
    return this.#receiver.close();
  }

  /** Once, before anything is disturbed. */
  async setUp(server: Caller): Promise<void> {
    if (this.isSetUp) return;
    const make = (path: string, body: unknown): Promise<unknown> => call(server, path, { method: 'POST', body });
    const webhook = (await make('/webhooks', { url: this.#receiver.addressOf('webhook') })) as ApiNewWebhook;
    this.#receiver.setSecret('webhook', webhook.secret);
    const callbacks = (await call(server, '/webhooks/callback-secret')) as ApiCallbackSecret;
    this.#receiver.setSecret('callback', callbacks.secret);
    const signature = { kind: 'standard_webhooks' };
    const hook = (await make('/hooks', { workflow_id: HOOKED, signature, secret: this.#secret })) as ApiNewHook;
    this.#hookPath = new URL(hook.url).pathname;
    const cron = `*/${PERIOD_MS / 1_000} * * * * *`;
    const timing = { cron, overlap: 'cancel_previous', catch_up: 'all' };
    this.#schedule = (await make('/schedules', { name: TIMED, workflow_id: TIMED, ...timing })) as ApiSchedule;
  }

  /** As its sender does: signed, and under the same id until it is answered. */
  deliver(server: Caller, { key, input }: Order): Promise<unknown> {
    if (this.#hookPath === null) throw new Error('there is no hook yet');
    const body = JSON.stringify(input);
    const at = new Date();
    const headers = {
      'webhook-id': key,
      'webhook-timestamp': `${Math.floor(at.getTime() / 1_000)}`,
      'webhook-signature': new Webhook(this.#secret).sign(key, at, body),
    };
    return post(server, this.#hookPath, { body, headers, expected: REFUSALS });
  }

  /** Lets all that is begun come to its end, and begins nothing more. */
  async settle(server: Caller): Promise<Omit<WorldEvidence, 'firings'>> {
    const times = await this.#stopSchedule(server);
    await untilTimedRunsEnd(server);
    return { ...times, ...(await this.#untilTold(server)) };
  }

  /** Once it has come to its times. */
  async #stopSchedule(server: Caller): Promise<Pick<WorldEvidence, 'from' | 'to' | 'readAt'>> {
    const made = this.#schedule;
    if (made === null) throw new Error('there is no schedule yet');
    const path = `/schedules/${made.id}`;
    const from = Date.parse(made.next_at ?? '');
    const until = Date.now() + CATCH_UP_MS;
    for (;;) {
      const { next_at } = (await call(server, path)) as ApiSchedule;
      const [readAt, to] = [Date.now(), Date.parse(next_at ?? '')];
      if (to > readAt || readAt > until) {
        await call(server, path, { method: 'PATCH', body: { enabled: false } });
        return { from, to, readAt };
      }
      await pause(50);
    }
  }

  /** What the receiver was told, once all is told or there is no more time. */
  async #untilTold(server: Caller): Promise<Pick<WorldEvidence, 'messages' | 'unsent' | 'isPatient'>> {
    const isPatient = this.#patienceMs >= PATIENCE_MS;
    for (const until = Date.now() + this.#patienceMs; ; await pause(100)) {
      const unsent = [...(await listUnsent(server, 'pending')), ...(await listUnsent(server, 'failed'))];
      if (unsent.length === 0 || Date.now() > until)
        return { messages: [...this.#receiver.messages], unsent, isPatient };
    }
  }

  /** Of all runs' idempotency keys, those that the schedule gave. */
  findFirings(keys: ReadonlyMap<string, string>): WorldEvidence['firings'] {
    const start = `schedule ${this.#schedule?.id} `;
    return [...keys].flatMap(([run, key]) =>
      key.startsWith(start) ? [{ run, moment: Date.parse(key.slice(start.length)) }] : [],
    );
  }
}

/** Nobody else looks after them. */
async function untilTimedRunsEnd(server: Caller): Promise<void> {
  for (const until = Date.now() + CATCH_UP_MS; Date.now() < until; await pause(50)) {
    const count = async (status: string): Promise<number> =>
      ((await call(server, `/runs?workflow_id=${TIMED}&status=${status}`)) as { total: number }).total;
    if ((await count('pending')) + (await count('running')) === 0) return;
  }
}

async function listUnsent(server: Caller, state: ApiDelivery['state']): Promise<readonly UnsentMessage[]> {
  const list: UnsentMessage[] = [];
  for (let before = ''; ;) {
    const page = (await call(server, `/webhook-deliveries?state=${state}&limit=100${before}`)) as {
      deliveries: readonly ApiDelivery[];
      next_before?: string | null;
    };
    for (const { run_id, event } of page.deliveries) list.push({ run: bare(run_id ?? ''), event, state });
    if (page.next_before === null || page.next_before === undefined) return list;
    before = `&before=${page.next_before}`;
  }
}
