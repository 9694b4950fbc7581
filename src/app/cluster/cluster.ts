import type { PublishedCode } from '../../core/handlers/published-code.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Notifier } from '../../core/ports/notifier.js';
import type { DriveStore, MailStore } from '../../core/ports/store/drive-store.js';
import type { Durability, Store } from '../../core/ports/store/store.js';
import type { RestateAddresses, RestateEngine, RestateEngineOptions } from '../../engine/restate/restate-engine.js';
import type { HandlerStore } from '../../loader/bundles/handler-store.js';
import type { KeyWatch } from '../../service/state/key-watch.js';
import type { PostgresNotices } from '../../store/postgres/notices/postgres-notices.js';
import type { SeenProcess } from '../process/presence/read-processes.js';
import type { Presence } from '../process/presence/show-presence.js';

/** That several processes share their records, and which of them drives what. */
export interface ClusterOptions {
  /** Of a Postgres database. */
  readonly databaseUrl: string;
  /** Of the same one past a pooler. */
  readonly databaseListenUrl: string;
  readonly restate: RestateAddresses;
}

/** What processes share beside the records themselves. */
export interface Cluster {
  readonly restate: RestateAddresses;
  readonly drives: DriveStore;
  readonly mail: MailStore;
  readonly notices: PostgresNotices;
  /** Tells the other processes which workflows this one has from its folder, and compares them. */
  readonly followWorkflows: Presence['follow'];
  /** Ends what the keys and grants hold open that other processes revoke. */
  watchKeys(keyWatch: KeyWatch): { stop(): Promise<void> };
  /** Calls `listener` when another process has changed webhooks, or may have. */
  onWebhooks(listener: () => void): void;
  createEngine(params: SharedEngineParams): RestateEngine;
}

export interface OpenedRecords {
  readonly store: Store;
  readonly notifier: Notifier;
  /** Null where this process has the records to itself. */
  readonly cluster: Cluster | null;
  /** Those that are at work on the records, or were within the hour. */
  readonly listProcesses: () => Promise<readonly SeenProcess[]>;
  /** Before the store is closed. */
  close(): Promise<void>;
}

export interface OpenParams {
  readonly databasePath: string;
  readonly cluster: ClusterOptions | null;
  readonly durability: Durability;
  readonly clock: Clock;
  readonly logger: Logger;
}

export type SharedEngineParams = Omit<RestateEngineOptions, 'addresses' | 'hints' | 'canDrive' | 'store'> & {
  readonly store: Store;
  readonly cluster: Cluster;
  readonly bundles: HandlerStore;
  readonly code: PublishedCode;
};
