import { randomUUID } from 'node:crypto';
import { ErrandError } from '../../src/core/errors.js';
import { isJsonObject, type JsonObject } from '../../src/core/json.js';
import type { Notifier } from '../../src/mcp/contract/call-context.js';

/**
 * Requests to clients of the handshake era, whose answers come in requests of their own. Whoever waits must be found
 * again in this process, so Errand's own contracts ask nothing this way.
 */
export class ClientRequests {
  readonly #waiting = new Map<string, (response: JsonObject) => void>();

  async ask(notify: Notifier | null, request: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    if (notify === null) throw new ErrandError('invalid_input', 'This tool asks its client, so it needs a stream.');
    const id = randomUUID();
    const response = await new Promise<JsonObject>((resolve, reject) => {
      this.#waiting.set(id, resolve);
      signal.addEventListener('abort', () => reject(new ErrandError('unavailable', 'The client has gone.')));
      notify.send({ jsonrpc: '2.0', id, ...request });
    }).finally(() => this.#waiting.delete(id));
    const { result, error } = response;
    if (isJsonObject(result)) return result;
    throw new ErrandError('unavailable', `The client answered with an error: ${JSON.stringify(error)}`);
  }

  take(response: JsonObject): void {
    const { id } = response;
    if (typeof id === 'string') this.#waiting.get(id)?.(response);
  }
}
