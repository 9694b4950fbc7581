import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Notifier } from '../../core/ports/notifier.js';
import type { DriveStore, MailStore } from '../../core/ports/store/drive-store.js';
import type { Durability, Store } from '../../core/ports/store/store.js';
import { EmbeddedNotifier } from '../../engine/embedded/embedded-notifier.js';
import type { RestateAddresses } from '../../engine/restate/restate-engine.js';
import { PublishedWorkflows, type PublishedWorkflowsOptions } from '../../service/background/published-workflows.js';
import type { WebhookHints } from '../../service/state/webhook-registry.js';
import type { KeyWatch } from '../../service/state/key-watch.js';
import { PostgresNotices } from '../../store/postgres/notices/postgres-notices.js';
import { PostgresNotifier } from '../../store/postgres/notices/postgres-notifier.js';
import { openPostgresStore, type PostgresStore } from '../../store/postgres/postgres-store.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { newId } from '../process/new-id.js';
import { type Presence, showPresence } from '../process/presence/show-presence.js';

/** That several processes share their records, and which of them drives what. */
export interface ClusterOptions {
  /** Of a Postgres database. */
  readonly databaseUrl: string;
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
}

export interface OpenedRecords {
  readonly store: Store;
  readonly notifier: Notifier;
  /** Null where this process has the records to itself. */
  readonly cluster: Cluster | null;
  /** Before the store is closed. */
  close(): Promise<void>;
}

interface OpenParams {
  readonly databasePath: string;
  readonly cluster: ClusterOptions | null;
  readonly durability: Durability;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Revoked keys are looked for so often. */
const KEYS_EVERY_MS = 800;

export async function openRecords(params: OpenParams): Promise<OpenedRecords> {
  const { databasePath, cluster, durability } = params;
  if (cluster !== null) return openShared(cluster, params);
  const store = await openSqliteStore({ path: databasePath, durability });
  return { store, notifier: new EmbeddedNotifier(), cluster: null, close: async () => undefined };
}

async function openShared({ databaseUrl: url, restate }: ClusterOptions, params: OpenParams): Promise<OpenedRecords> {
  const { durability, clock, logger } = params;
  const store = await openPostgresStore({ url, durability, isShared: true });
  const { shared, drives, mail } = store;
  const send = (text: string): Promise<void> => shared.notify(text);
  const notices = new PostgresNotices({ url, send, clock, logger, sender: newId() });
  const notifier = new PostgresNotifier({
    notices,
    readVersions: (runIds) => shared.readVersions(runIds),
    clock,
    logger,
  });
  await notices.start();
  notifier.start();
  const presence = await showPresence({ shared, clock, logger, id: newId() });
  const watchKeys: Cluster['watchKeys'] = (keyWatch) => watchRevoked({ keyWatch, notices, shared, clock });
  return {
    store,
    notifier,
    cluster: { restate, drives, mail, notices, followWorkflows: (workflows) => presence.follow(workflows), watchKeys },
    close: async () => {
      await presence.stop();
      notifier.close();
      await notices.close();
    },
  };
}

function watchRevoked(params: {
  readonly keyWatch: KeyWatch;
  readonly notices: PostgresNotices;
  readonly shared: PostgresStore['shared'];
  readonly clock: Clock;
}): { stop(): Promise<void> } {
  const { keyWatch, notices, shared, clock } = params;
  keyWatch.onRevoked((id) => notices.publish({ topic: 'key', id, version: 0 }));
  notices.listen('key', ({ id }) => keyWatch.end(id));
  let cancel = (): void => undefined;
  const look = async (): Promise<void> => {
    const ids = keyWatch.watchedIds();
    // What cannot be read now is read the next time.
    const revoked = ids.length === 0 ? [] : await shared.listRevoked(ids).catch(() => []);
    for (const id of revoked) keyWatch.end(id);
    lookSoon();
  };
  let isOver = false;
  const lookSoon = (): void => {
    if (!isOver) cancel = clock.schedule(KEYS_EVERY_MS, () => void look());
  };
  lookSoon();
  return {
    stop: async () => {
      isOver = true;
      cancel();
    },
  };
}

/** Has the processes of a cluster know webhooks that another one has changed. */
export function webhookHints(notices: Cluster['notices']): WebhookHints {
  return {
    tell: () => notices.publish({ topic: 'webhooks', id: '', version: 0 }),
    listen: (listener) => notices.listen('webhooks', listener),
  };
}

/** Follows what is published, here and by the other processes of a cluster. */
export function openPublished({
  cluster,
  ...options
}: Omit<PublishedWorkflowsOptions, 'hints'> & { readonly cluster: Cluster | null }): PublishedWorkflows {
  if (cluster === null) return new PublishedWorkflows({ ...options, hints: null });
  const { notices, followWorkflows } = cluster;
  const ofFiles = options.catalog;
  followWorkflows(
    () => new Map(ofFiles.listOfFiles().map(({ record: { version } }) => [version.workflowId, version.version])),
  );
  const hints: PublishedWorkflowsOptions['hints'] = {
    tell: () => notices.publish({ topic: 'workflows', id: '', version: 0 }),
    listen: (listener) => notices.listen('workflows', listener),
  };
  return new PublishedWorkflows({ ...options, hints });
}
