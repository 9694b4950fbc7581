import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, pause } from '../../../core/ports/clock.js';
import { ErrandError, errorMessage } from '../../../core/errors.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { WantedRun } from '../../../core/ports/store/drive-store.js';
import type { Context, internal } from '@restatedev/restate-sdk';
import { readWanted } from './wanted-runs.js';

/** A call of Restate: a batch of runs that this process is to drive. */
export interface Call {
  /** The same for each attempt at it, in whichever process. */
  readonly id: string;
  readonly wanted: readonly WantedRun[];
  /** Aborted when Restate does not listen to this attempt any more. */
  readonly lost: AbortSignal;
}

export interface CallServerOptions {
  readonly host: string;
  readonly port: number;
  readonly service: string;
  /** Public keys of Restate (`publickeyv1_…`): calls that bear none of their signatures are refused. None: all come in. */
  readonly identityKeys: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves once there is nothing left to do; when it rejects, Restate makes the call again. */
  readonly onCall: (call: Call) => Promise<void>;
}

export interface CallServer {
  readonly port: number;
  /** Takes no more calls. */
  stopListening(): void;
  /** Cuts what is still connected. */
  close(): Promise<void>;
}

/** The one handler of the service. */
export const HANDLER = 'drive';
/** How often a long call shows that its process is alive. */
const BEAT_MS = 2_000;
/**
 * A call that has shown nothing for so long is taken for dead, and after so much more is made again. A process that
 * hangs still takes connections: with two more attempts that come to it, its runs are lost to it within 30 seconds.
 */
const SILENT_MS = 7_000;
const ABORT_MS = 2_000;
/** Nobody asks what came of a call. */
const REMEMBERED_MS = 60_000;
const RETRY = { initialInterval: 300, exponentiationFactor: 2, maxInterval: 2_000 };
/** Restate would give up, and wait for a person, after a number of attempts: there is no such number. */
const ATTEMPTS = 2 ** 31 - 1;

/**
 * Where Restate reaches this process, over HTTP/1.1: each attempt at a call is a connection of its own, so that
 * whatever balances connections balances calls.
 */
export async function serveCalls(options: CallServerOptions): Promise<CallServer> {
  const sdk = await loadSdk();
  const { service: name, identityKeys, logger } = options;
  const service = sdk.service({
    name,
    handlers: {
      [HANDLER]: (context: Context, body: unknown): Promise<void> => {
        const wanted = readWanted(body);
        if (wanted === null) throw new sdk.TerminalError('This is no call that Errand makes.', { errorCode: 400 });
        return answerCall(options, context, wanted);
      },
    },
    options: {
      inactivityTimeout: SILENT_MS,
      abortTimeout: ABORT_MS,
      journalRetention: 0,
      idempotencyRetention: REMEMBERED_MS,
      retryPolicy: { ...RETRY, maxAttempts: ATTEMPTS },
    },
  });
  const handler = sdk.createEndpointHandler({
    services: [service],
    ...(identityKeys.length === 0 ? {} : { identityKeys: [...identityKeys] }),
    bidirectional: true,
    // What it says of each attempt is Restate's to tell.
    logger: ({ level }, ...words: unknown[]) => {
      const grade: string = level;
      if (grade === 'error') logger.debug({ words: words.map(String) }, 'A call of Restate was not finished here');
    },
  });
  const server = createServer(handler);
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    stopListening: () => void server.close(),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/**
 * Restate keeps a journal of each call: here of signs of life alone. Each attempt goes through those of the attempts
 * before it first, as they are to come in the same order.
 */
async function answerCall(options: CallServerOptions, context: Context, wanted: readonly WantedRun[]): Promise<void> {
  const { clock, onCall } = options;
  const { id, attemptCompletedSignal: lost } = context.request();
  const beat = (): PromiseLike<unknown> => context.run('beat', () => null);
  while (!(context as internal.ContextInternal).isProcessing()) await beat();
  const over = new AbortController();
  const doing = onCall({ id: String(id), wanted, lost }).finally(() => over.abort());
  doing.catch(() => undefined);
  for (;;) {
    await pause(clock, BEAT_MS, over.signal);
    if (over.signal.aborted || lost.aborted) break;
    await beat();
  }
  await doing;
}

async function loadSdk() {
  addWithResolvers();
  try {
    return await import('@restatedev/restate-sdk');
  } catch (error) {
    throw new ErrandError(
      'unavailable',
      `Restate needs the npm package @restatedev/restate-sdk, which comes not with Errand: install it beside Errand (npm install @restatedev/restate-sdk). ${errorMessage(error)}`,
      { cause: error },
    );
  }
}

/** The SDK is written for Node 22, and this is all that it misses before. */
function addWithResolvers(): void {
  if ('withResolvers' in Promise) return;
  const withResolvers = (): object => {
    let settle = {};
    const promise = new Promise((resolve, reject) => (settle = { resolve, reject }));
    return { promise, ...settle };
  };
  Object.defineProperty(Promise, 'withResolvers', { value: withResolvers, configurable: true, writable: true });
}

function listen(server: Server, { host, port }: CallServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const message = `Restate cannot call this process at ${host}:${port}: ${errorMessage(error)}.`;
      reject(new ErrandError('unavailable', message, { cause: error }));
    });
    server.listen(port, host, () => resolve());
  });
}
