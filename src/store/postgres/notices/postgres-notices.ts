import type { Client } from 'pg';
import { errorMessage } from '../../../core/errors.js';
import type { Clock } from '../../../core/ports/clock.js';
import type { Logger } from '../../../core/ports/logger.js';
import { poolConfig } from '../connection/pool.js';

/**
 * What there may be news of: a run's record, mail for it, an organization, a key or grant that was revoked,
 * workflows that were published, webhooks that were changed.
 */
export const TOPICS = ['run', 'mail', 'organization', 'key', 'workflows', 'webhooks'] as const;
export type Topic = (typeof TOPICS)[number];

export interface Notice {
  readonly topic: Topic;
  readonly id: string;
  /** Of a run; 0 otherwise. */
  readonly version: number;
}

type Listener = (notice: Notice) => void;
type WrittenNotice = readonly [topic: number, id: string, version: number];

export interface PostgresNoticesOptions {
  /** Where it listens. */
  readonly url: string;
  /** Sends a text on the channel. */
  readonly send: (text: string) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tells the notices of this process from those of others. */
  readonly sender: string;
}

export const CHANNEL = 'errand';
/** Postgres takes texts of less than 8,000 bytes. */
const MAX_NOTICES = 100;
/** No two texts are sent within so long: what comes meanwhile goes together. One that comes alone goes at once. */
const APART_MS = 5;
const CONNECT_AGAIN_MS = 1_000;

/**
 * Hints from one process to the others on the same database, by LISTEN and NOTIFY. Any may be lost: while the
 * connection is broken, or always behind a pooler. Whoever must know looks for itself, too.
 *
 * Through a pooler it does not listen: a session that the pooler gives to others would go on listening, they would be
 * told, and this process would not.
 */
export class PostgresNotices {
  readonly #options: PostgresNoticesOptions;
  readonly #listeners = new Map<Topic, Set<Listener>>();
  #waiting: WrittenNotice[] = [];
  #cancelSend: (() => void) | null = null;
  /** When a text was sent last. */
  #sentAt = 0;
  #cancelConnect: () => void = () => undefined;
  #client: Client | null = null;
  #isPooled = false;
  #isClosed = false;

  constructor(options: PostgresNoticesOptions) {
    this.#options = options;
  }

  /** Whether it does not listen, as it has found a pooler in between. */
  get isPooled(): boolean {
    return this.#isPooled;
  }

  /** Resolves once it listens, or could not at first: it then tries again. */
  async start(): Promise<void> {
    const { url, logger, clock } = this.#options;
    const { default: pg } = await import('pg');
    const { connectionString, connectionTimeoutMillis, keepAlive } = await poolConfig(url);
    const client = new pg.Client({
      ...(connectionString === undefined ? {} : { connectionString }),
      ...(connectionTimeoutMillis === undefined ? {} : { connectionTimeoutMillis }),
      keepAlive: keepAlive ?? true,
      application_name: 'errand notices',
    });
    const again = (): void => {
      if (this.#client !== client) return;
      this.#client = null;
      if (!this.#isClosed) this.#cancelConnect = clock.schedule(CONNECT_AGAIN_MS, () => void this.start());
    };
    this.#client = client;
    client.on('error', again).on('end', again);
    client.on('notification', ({ payload = '' }) => this.#hear(payload));
    try {
      await client.connect();
      if (await isDirect(client)) await client.query(`LISTEN ${CHANNEL}`);
      else await this.#doWithout(client);
    } catch (error) {
      logger.debug({ error: errorMessage(error) }, 'Notices of other processes cannot be heard just now');
      again();
    }
    if (this.#isClosed) await client.end().catch(() => undefined);
  }

  async #doWithout(client: Client): Promise<void> {
    this.#isPooled = true;
    this.#client = null;
    await client.end().catch(() => undefined);
    this.#options.logger.info(
      {},
      'The database is behind a pooler: this process learns within a second what others have changed. It learns at ' +
        'once where ERRAND_DATABASE_LISTEN_URL names the database itself.',
    );
  }

  /** Calls `listener` for what other processes tell. */
  listen(topic: Topic, listener: Listener): void {
    const listeners = this.#listeners.get(topic) ?? new Set<Listener>();
    this.#listeners.set(topic, listeners.add(listener));
  }

  publish({ topic, id, version }: Notice): void {
    if (this.#isClosed) return;
    this.#waiting.push([TOPICS.indexOf(topic), id, version]);
    if (this.#cancelSend !== null) return;
    const { clock } = this.#options;
    // The clock may jump back.
    const waitMs = Math.min(APART_MS, Math.max(0, this.#sentAt + APART_MS - clock.now()));
    this.#cancelSend = clock.schedule(waitMs, () => this.#send());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelSend?.();
    this.#cancelConnect();
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined);
  }

  #send(): void {
    this.#cancelSend = null;
    const { send, sender, clock } = this.#options;
    this.#sentAt = clock.now();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < waiting.length; from += MAX_NOTICES) {
      const text = JSON.stringify([sender, ...waiting.slice(from, from + MAX_NOTICES)]);
      send(text).catch(() => undefined);
    }
  }

  #hear(text: string): void {
    const [sender, ...notices] = readText(text);
    if (sender === this.#options.sender) return;
    for (const [place, id, version] of notices as WrittenNotice[]) {
      const topic = TOPICS[place];
      if (topic === undefined) continue;
      for (const listener of this.#listeners.get(topic) ?? []) listener({ topic, id, version });
    }
  }
}

/** A pooler gives its clients ids of its own in the place of those of the sessions that it lends them. */
async function isDirect(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid === Reflect.get(client, 'processID');
}

/** Whoever can write to the database can send anything. */
function readText(text: string): unknown[] {
  try {
    const read: unknown = JSON.parse(text);
    return Array.isArray(read) ? read.filter((part) => typeof part === 'string' || Array.isArray(part)) : [];
  } catch {
    return [];
  }
}
