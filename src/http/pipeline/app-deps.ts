import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { Clock, NewId } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { CallLimits } from '../../core/ports/rate-limiter.js';
import type { Services } from '../../service/interface/services.js';

export interface AppDeps {
  readonly services: Services;
  /** From an `Authorization` header to who is calling. Throws `unauthenticated`. */
  readonly authenticate: (header: string | undefined) => Promise<Principal>;
  readonly limits: CallLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  /** For the ids of internal errors; random UUIDs when not given. */
  readonly newId?: NewId;
  /** The address that the server listens on: on loopback it answers to loopback names only. */
  readonly host: string;
  /** How the outside reaches the server, path prefix included; null: by whatever host name it is asked. */
  readonly publicUrl: string | null;
  /** Host names that it answers to beside its own, without port; `*`: any. */
  readonly allowedHosts?: readonly string[];
  /** Whose pages may call it; `*`: everybody's. Not given: everybody's on a public address, those on loopback otherwise. */
  readonly allowedOrigins?: readonly string[];
  readonly version: string;
  /** Seals what clients bring back after an input-required result; the same in every process. */
  readonly stateSecret?: string;
  /** 1 MiB when not given. */
  readonly maxBodyBytes?: number;
}

/** What the server hands over with each request; nothing of it is there when the app is called directly. */
export interface HttpBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
  /** Aborts when the server stops: whatever waits or streams is to come to its end. */
  readonly closing?: AbortSignal;
}

export interface HttpEnv {
  Bindings: HttpBindings;
}

export type HttpContext = Context<HttpEnv>;

/** Aborts when the client has gone or the server stops. */
export function requestSignal(c: HttpContext): AbortSignal {
  const { closing } = c.env;
  return closing === undefined ? c.req.raw.signal : AbortSignal.any([c.req.raw.signal, closing]);
}
