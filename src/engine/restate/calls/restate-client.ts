import { type Clock, pause } from '../../../core/ports/clock.js';
import { ErrandError, errorMessage } from '../../../core/errors.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { WantedRun } from '../../../core/ports/store/drive-store.js';
import { HANDLER } from './call-server.js';
import { writeWanted } from './wanted-runs.js';

export interface RestateClientOptions {
  /** Restate's ingress, where calls are made. */
  readonly url: string;
  /** Its admin API, where deployments are registered. */
  readonly adminUrl: string;
  readonly service: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const TIMEOUT_MS = 10_000;
const AGAIN_MS = 500;
const INVOCATION = /^inv_\w{1,100}$/;

/** What this process asks of Restate. */
export class RestateClient {
  readonly #options: RestateClientOptions;

  constructor(options: RestateClientOptions) {
    this.#options = options;
  }

  /** Makes a call for these runs, after a time. Resolves once Restate has it durably; throws `unavailable`. */
  async call(wanted: readonly WantedRun[], delayMs = 0): Promise<void> {
    const { url, service } = this.#options;
    const delay = delayMs > 0 ? `?delay=${Math.ceil(delayMs)}ms` : '';
    await this.#post(new URL(`${service}/${HANDLER}/send${delay}`, withSlash(url)), writeWanted(wanted));
  }

  /** Tells Restate where it reaches the processes of this service, through whatever balances. */
  async register(advertised: string): Promise<void> {
    const { adminUrl } = this.#options;
    // By force: another version of Errand may have been behind the same address.
    const deployment = { uri: advertised, use_http_11: true, force: true };
    await this.#post(new URL('deployments', withSlash(adminUrl)), deployment);
  }

  /** Until it is registered; gives up, and says so, when the signal aborts. */
  async registerAtLast(advertised: string, signal: AbortSignal): Promise<void> {
    const { logger, clock } = this.#options;
    for (let tries = 1; !signal.aborted; tries += 1) {
      try {
        await this.register(advertised);
        logger.info({ address: advertised }, 'Restate calls this process');
        return;
      } catch (error) {
        const fields = { address: advertised, error: errorMessage(error) };
        if (tries % 10 === 5) logger.warn(fields, 'Restate does not know of this process yet; trying again');
      }
      await pause(clock, AGAIN_MS, signal);
    }
  }

  /** Those of these calls that Restate will not make again: they have ended, or it has lost them. */
  async listUnknown(calls: readonly string[]): Promise<string[]> {
    const ids = calls.filter((id) => INVOCATION.test(id));
    if (ids.length === 0) return [];
    const named = ids.map((id) => `'${id}'`).join(', ');
    // For a while it remembers what has ended, too.
    const query = `SELECT id FROM sys_invocation WHERE status <> 'completed' AND id IN (${named})`;
    const text = await this.#post(new URL('query', withSlash(this.#options.adminUrl)), { query });
    const { rows } = JSON.parse(text) as { rows: { id: string }[] };
    const known = new Set(rows.map(({ id }) => id));
    return ids.filter((id) => !known.has(id));
  }

  async #post(to: URL, body: unknown): Promise<string> {
    let response: Response;
    try {
      response = await fetch(to, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw new ErrandError('unavailable', `Restate cannot be reached at ${to.origin}: ${causeOf(error)}`, {
        cause: error,
      });
    }
    const text = await response.text();
    if (response.ok) return text;
    throw new ErrandError('unavailable', `Restate refuses: ${response.status} ${text.slice(0, 500)}`);
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** `fetch` says little itself. */
function causeOf(error: unknown): string {
  return errorMessage(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
