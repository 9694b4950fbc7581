import { NodeFailure } from '../core/handlers/node-kind.js';
import type { McpConnection } from './connection.js';

export interface ConnectionsOptions {
  /** The server's name in the configuration. */
  readonly name: string;
  readonly open: (onIdle: () => void) => Promise<McpConnection>;
}

/** Connections to one server. Each may be a process of its own. */
const MAX_CONNECTIONS = 50;

/**
 * Connections to one server by whom they are for: everybody, an organization or a run. Those that nobody has used for a
 * while are closed.
 */
export class McpConnections {
  readonly #options: ConnectionsOptions;
  /** Those used least recently come first. */
  readonly #open = new Map<string, Promise<McpConnection>>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** Throws `mcp_unavailable` when there are too many, and all at work. */
  async get(key: string): Promise<McpConnection> {
    let connection = this.#open.get(key);
    if (connection === undefined) {
      if (this.#open.size >= MAX_CONNECTIONS) await this.#makeRoom();
      connection = this.#open.get(key) ?? this.#options.open(() => void this.#forget(key));
    }
    this.#open.delete(key);
    this.#open.set(key, connection);
    return connection;
  }

  /** Closes them when the calls under way have ended, or else at once. */
  async close(how: { readonly whenIdle?: boolean } = {}): Promise<void> {
    await Promise.all([...this.#open.values()].map(async (connection) => (await connection).close(how)));
  }

  async #makeRoom(): Promise<void> {
    for (const [key, opening] of this.#open) {
      const connection = await opening;
      if (!connection.isIdle) continue;
      this.#open.delete(key);
      void connection.close({ whenIdle: true });
      return;
    }
    const name = JSON.stringify(this.#options.name);
    const message = `The MCP server ${name} has ${MAX_CONNECTIONS} connections, each for somebody else, and all are at work`;
    throw new NodeFailure(message, { kind: 'mcp_unavailable', retryAfterMs: 1_000 });
  }

  async #forget(key: string): Promise<void> {
    const connection = await this.#open.get(key);
    if (connection?.isIdle !== true) return;
    this.#open.delete(key);
    await connection.close();
  }
}
