import { appendFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { type Received, startWebhookReceiver, type WebhookReceiver } from '../../test/support/http/webhook-receiver.js';
import { bare } from '../client.js';
import { now } from '../journal.js';
import type { Random } from '../random.js';

/** Who was to be told: the webhook of the organization, or the callback of a run. */
export type Target = 'webhook' | 'callback';

/** What came to the receiver, as it came. */
export interface Message {
  readonly at: number;
  readonly to: Target;
  readonly id: string;
  /** Whether the verifier of the standard finds it signed. */
  readonly isSigned: boolean;
  /** Whether it was answered that it was taken. */
  readonly isTaken: boolean;
  readonly type: string;
  readonly run: string;
  /** The number of the event in the run's log. */
  readonly version: number;
}

/** How often a message that comes for the first time is not taken. */
const REFUSED = 0.02;

/** Takes messages in the process of the harness, where no server's end ends it. */
export class MessageReceiver {
  readonly messages: Message[] = [];
  readonly #verifiers = new Map<Target, Webhook>();
  readonly #known = new Set<string>();
  readonly #server: WebhookReceiver;
  readonly #random: Random;
  readonly #journal: string;

  private constructor(server: WebhookReceiver, params: { readonly random: Random; readonly journal: string }) {
    this.#server = server;
    this.#random = params.random;
    this.#journal = params.journal;
    server.answer = (received) => (this.#take(received) ? 204 : 500);
  }

  static async open(params: { readonly random: Random; readonly journal: string }): Promise<MessageReceiver> {
    return new MessageReceiver(await startWebhookReceiver(), params);
  }

  addressOf(target: Target): string {
    return `${this.#server.url}/${target}`;
  }

  setSecret(target: Target, secret: string): void {
    this.#verifiers.set(target, new Webhook(secret));
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #take({ path, headers, body }: Received): boolean {
    this.#server.received.length = 0;
    const { type, data } = JSON.parse(body) as { type: string; data: { run_id?: string; version?: number } };
    const to: Target = path === '/callback' ? 'callback' : 'webhook';
    const id = String(headers['webhook-id']);
    const isTaken = this.#known.has(id) || !this.#random.chance(REFUSED);
    this.#known.add(id);
    const isSigned = this.#isSigned(to, { headers, body });
    const of = { type, run: bare(data.run_id ?? ''), version: data.version ?? 0 };
    const message: Message = { at: now(), to, id, isSigned, isTaken, ...of };
    this.messages.push(message);
    appendFileSync(this.#journal, `${JSON.stringify(message)}\n`);
    return isTaken;
  }

  #isSigned(to: Target, { headers, body }: Pick<Received, 'headers' | 'body'>): boolean {
    try {
      this.#verifiers.get(to)?.verify(body, headers as Record<string, string>);
      return this.#verifiers.has(to);
    } catch {
      return false;
    }
  }
}
