import type { Clock, NewId } from '../../core/ports/clock.js';
import type { LogControl, Logger } from '../../core/ports/logger.js';
import type { Tracing } from '../../core/ports/tracing.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { CallLimits } from '../../core/ports/rate-limiter.js';
import type { ApiDoctor, ApiProcess, ApiSystem } from '../../api/system-types.js';
import type { Services } from '../../service/interface/services.js';
import type { ConsoleParts } from './console-parts.js';
import type { OAuthParts } from './oauth-parts.js';

export interface AppDeps {
  readonly services: Services;
  /**
   * From an `Authorization` header to who is calling, for the resource at a path and from an address. Throws
   * `unauthenticated`.
   */
  readonly authenticate: (header: string | undefined, resource: string, from?: string) => Promise<Principal>;
  /** Absent: API keys are all that there is. */
  readonly oauth?: OAuthParts;
  /** Absent: there is no console. */
  readonly console?: ConsoleParts;
  readonly limits: CallLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  /** For the ids of internal errors; random UUIDs when not given. */
  readonly newId?: NewId;
  /** The address that the server listens on: on loopback it answers to loopback names only. */
  readonly host: string;
  /** How the outside reaches the server, path prefix included; null: by whatever host name it is asked. */
  readonly publicUrl: string | null;
  /** Host names that it answers to beside its own, without port. `*` stands for every name. */
  readonly allowedHosts?: readonly string[];
  /**
   * Whose pages may call it; `*`: everybody's. Not given: everybody's on a public address, those on loopback otherwise.
   */
  readonly allowedOrigins?: readonly string[];
  readonly version: string;
  /** What counts requests, and tells the counts; nothing is counted when not given. */
  readonly metrics?: RequestMetrics;
  /** What the server does just now; it does not tell when not given. */
  readonly readSystem?: () => ApiSystem;
  /** The processes that are at work on its records, and what is found where it runs; it does not tell when not given. */
  readonly listProcesses?: () => Promise<readonly ApiProcess[]>;
  readonly lookOver?: () => Promise<ApiDoctor>;
  /** From which level on `logger` logs, for whoever may change it. */
  readonly logControl?: LogControl;
  /** Whose `X-Forwarded-For` is believed; nobody's when not given. */
  readonly isTrustedProxy?: (address: string) => boolean;
  /** Nothing is traced when not given. */
  readonly tracing?: Tracing;
  /** Seals what clients bring back after an input-required result; the same in every process. */
  readonly stateSecret?: string;
  /** 1 MiB when not given. */
  readonly maxBodyBytes?: number;
}

export interface RequestMetrics {
  observeRequest(request: {
    readonly method: string;
    readonly route: string | null;
    readonly status: number;
    readonly seconds: number;
  }): void;
  observeMcp(method: string | null): void;
  observeHook(outcome: string): void;
  render(): string;
}

export const DEFAULT_MAX_BODY_BYTES = 1_048_576;
