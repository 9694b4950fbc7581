import type { Socket } from 'node:net';
import { LaneConnection, type LaneContext } from './lane-connection.js';
import { ResponseHeads } from './lane-exchange.js';

export interface FastLaneOptions {
  /** The paths whose requests are answered here. */
  readonly paths: ReadonlySet<string>;
  readonly app: LaneContext['app'];
  readonly handOver: (socket: Socket, bytes: Buffer) => void;
  readonly closing: AbortSignal;
  readonly now: () => number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
}

/** How often connections are looked at. */
const LOOK_MS = 1_000;

/**
 * Answers plain requests without Node's HTTP between them and the socket: it costs about as much as all else about
 * polling a run together. New connections begin here; the first request that is not plain hands its connection over to
 * Node's HTTP server, which keeps it.
 */
export class FastLane {
  readonly #options: FastLaneOptions;
  readonly #connections = new Set<LaneConnection>();
  readonly #context: LaneContext;
  readonly #heads: ResponseHeads;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: FastLaneOptions) {
    this.#options = options;
    const { paths, closing, app, handOver, now, keepAliveMs, requestMs } = options;
    this.#heads = new ResponseHeads({ now, keepAliveMs });
    this.#context = { paths, closing, app, handOver, heads: this.#heads };
    this.#everyMs = Math.min(LOOK_MS, requestMs, keepAliveMs);
  }

  add(socket: Socket): void {
    if (this.#timer === null) {
      this.#heads.refresh();
      this.#timer = setInterval(() => this.#look(), this.#everyMs);
      this.#timer.unref();
    }
    const connection = new LaneConnection(socket, this.#context, () => this.#connections.delete(connection));
    this.#connections.add(connection);
  }

  /** Ends the connections that nothing is asked over. */
  closeIdle(): void {
    for (const connection of this.#connections) if (connection.isIdle) connection.destroy();
  }

  closeAll(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  #look(): void {
    this.#heads.refresh();
    const { requestMs, keepAliveMs } = this.#options;
    for (const connection of this.#connections) {
      const { what, looks } = connection.look();
      const forMs = looks * this.#everyMs;
      if (what === 'begun' && forMs > requestMs) connection.timeOut();
      else if (what === 'idle' && forMs > keepAliveMs) connection.destroy();
    }
    if (this.#connections.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
