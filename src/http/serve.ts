import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { FastLane } from './fast-lane/fast-lane.js';
import type { Pipeline } from './pipeline/pipeline.js';
import { OneWriteResponse } from './transport/one-write-response.js';

export interface ServeOptions {
  readonly app: Pipeline;
  readonly host: string;
  /** `0` takes a free one. */
  readonly port: number;
  readonly timeouts?: Partial<Timeouts>;
  /** 20,000 when not given. More are closed at once, which bounds what connections that ask nothing can hold. */
  readonly maxConnections?: number;
}

/** Against connections that are opened and then starved. Milliseconds. */
export interface Timeouts {
  readonly headersMs: number;
  /** The whole request, body included; waiting for the answer does not count. */
  readonly requestMs: number;
  readonly keepAliveMs: number;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Takes on nothing more, ends streams and waits, lets running requests finish for `graceMs`, then cuts them off. */
  close(params?: { readonly graceMs?: number }): Promise<void>;
}

const DEFAULT_TIMEOUTS: Timeouts = { headersMs: 10_000, requestMs: 30_000, keepAliveMs: 75_000 };
const DEFAULT_GRACE_MS = 5_000;
/**
 * Connections that the system keeps until they are taken on: of a crowd that comes at once, those beyond are dropped,
 * and try again for seconds.
 */
const BACKLOG = 4_096;
const DEFAULT_MAX_CONNECTIONS = 20_000;
/** How often it is logged, at most, that connections are refused. */
const WARN_EVERY_MS = 60_000;

/** Resolves once connections are taken on; rejects when the address cannot be had. */
export async function serve(options: ServeOptions): Promise<HttpServer> {
  const { app, host, port, timeouts, maxConnections = DEFAULT_MAX_CONNECTIONS } = options;
  const { headersMs, requestMs, keepAliveMs } = { ...DEFAULT_TIMEOUTS, ...timeouts };
  const closing = new AbortController();
  const server = createServer(
    {
      ServerResponse: OneWriteResponse,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: Math.min(1_000, headersMs),
    },
    (incoming, outgoing) => app.answerNode(incoming, outgoing, closing.signal),
  );
  server.maxConnections = maxConnections;
  warnOfRefused(server, maxConnections, app);
  allowHalfOpen(server);
  const unused = trackUnused(server);
  const lane = openLane({ app, server, unused, closing: closing.signal, requestMs, keepAliveMs });
  await listen(server, host, port);
  let closed: Promise<void> | null = null;
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    port: actualPort,
    close: ({ graceMs = DEFAULT_GRACE_MS } = {}) =>
      (closed ??= closeServer({ server, lane, unused, closing, graceMs })),
  };
}

function warnOfRefused(server: Server, maxConnections: number, { clock, logger }: Pipeline): void {
  let warnedAt = -Infinity;
  server.on('drop', () => {
    const now = clock.now();
    if (Math.abs(now - warnedAt) < WARN_EVERY_MS) return;
    warnedAt = now;
    logger.warn({ maxConnections }, 'New connections are refused: as many are open as may be');
  });
}

/**
 * Lets clients that close their sending half after a request have their answer. Node has no option for it, only this
 * property, which its types leave out.
 */
function allowHalfOpen(server: Server): void {
  Object.assign(server, { httpAllowHalfOpen: true });
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * Connections that never brought a request. Node does not count them as idle, and browsers open them on speculation.
 */
function trackUnused(server: Server): Set<Socket> {
  const unused = new Set<Socket>();
  server.on('request', (incoming) => unused.delete(incoming.socket));
  return unused;
}

/**
 * Lets every connection begin in the fast lane, and those that leave it go on as if they had come to Node's HTTP server
 * at once.
 */
function openLane(params: {
  readonly app: Pipeline;
  readonly server: Server;
  readonly unused: Set<Socket>;
  readonly closing: AbortSignal;
  readonly requestMs: number;
  readonly keepAliveMs: number;
}): FastLane {
  const { app, server, unused, closing, requestMs, keepAliveMs } = params;
  const takers = server.listeners('connection') as ((socket: Socket) => void)[];
  const lane = new FastLane({
    paths: app.fastPaths,
    app,
    handOver: (socket, bytes) => {
      unused.add(socket);
      socket.once('close', () => unused.delete(socket));
      // It is to be flowing only once there is somebody to take what comes.
      socket.pause();
      socket.unshift(bytes);
      for (const take of takers) take.call(server, socket);
      socket.resume();
    },
    closing,
    now: () => app.clock.now(),
    requestMs,
    keepAliveMs,
  });
  server.removeAllListeners('connection');
  server.on('connection', (socket) => lane.add(socket));
  return lane;
}

interface Closing {
  readonly server: Server;
  readonly lane: FastLane;
  readonly unused: ReadonlySet<Socket>;
  readonly closing: AbortController;
  readonly graceMs: number;
}

async function closeServer({ server, lane, unused, closing, graceMs }: Closing): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  closing.abort();
  const closeIdle = (): void => {
    server.closeIdleConnections();
    lane.closeIdle();
  };
  closeIdle();
  for (const socket of unused) socket.destroy();
  // Connections whose last request ends from now on would otherwise idle on until their keep-alive runs out.
  const sweep = setInterval(closeIdle, 50);
  const cut = setTimeout(() => {
    server.closeAllConnections();
    lane.closeAll();
  }, graceMs);
  try {
    await closed;
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
