import type { Clock } from '../../core/ports/clock.js';
import type { KeyWatch } from '../../service/state/key-watch.js';
import { PostgresNotices } from '../../store/postgres/notices/postgres-notices.js';
import { PostgresNotifier } from '../../store/postgres/notices/postgres-notifier.js';
import { openPostgresStore, type PostgresStore } from '../../store/postgres/postgres-store.js';
import { newId } from '../process/new-id.js';
import { showPresence } from '../process/presence/show-presence.js';
import type { Cluster, ClusterOptions, OpenedRecords, OpenParams } from './cluster.js';
import { createSharedEngine } from './create-shared-engine.js';
import { lookAgain } from './look-again.js';
import { watchWebhooks } from './watch-webhooks.js';

/** Revoked keys are looked for so often. */
const KEYS_EVERY_MS = 800;

/** Opens what the processes of a cluster share: a Postgres database, and what they tell each other through it. */
export async function openShared(
  { databaseUrl, databaseListenUrl, restate }: ClusterOptions,
  params: OpenParams,
): Promise<OpenedRecords> {
  const { durability, clock, logger } = params;
  const store = await openPostgresStore({ url: databaseUrl, durability, isShared: true });
  const { shared, drives, mail } = store;
  const send = (text: string): Promise<void> => shared.notify(text);
  const notices = new PostgresNotices({ url: databaseListenUrl, send, clock, logger, sender: newId() });
  const notifier = new PostgresNotifier({
    notices,
    readVersions: (runIds) => shared.readVersions(runIds),
    clock,
    logger,
  });
  await notices.start();
  notifier.start();
  const id = newId();
  const presence = await showPresence({ shared, clock, logger, id });
  const watchKeys: Cluster['watchKeys'] = (keyWatch) => watchRevoked({ keyWatch, notices, shared, clock });
  const looks: { stop(): void }[] = [];
  const onWebhooks: Cluster['onWebhooks'] = (listener) => {
    notices.listen('webhooks', listener);
    looks.push(watchWebhooks({ shared, clock, listener }));
  };
  return {
    store,
    notifier,
    cluster: {
      restate,
      drives,
      mail,
      notices,
      followWorkflows: (workflows) => presence.follow(workflows),
      watchKeys,
      onWebhooks,
      createEngine: createSharedEngine,
    },
    listProcesses: async () =>
      (await shared.listProcesses()).map((process) => ({ ...process, isThis: process.id === id })),
    close: async () => {
      await presence.stop();
      for (const look of looks) look.stop();
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
  const look = async (): Promise<void> => {
    const ids = keyWatch.watchedIds();
    // What cannot be read now is read the next time.
    const revoked = ids.length === 0 ? [] : await shared.listRevoked(ids).catch(() => []);
    for (const id of revoked) keyWatch.end(id);
  };
  const looks = lookAgain({ clock, everyMs: KEYS_EVERY_MS, look });
  return { stop: async () => looks.stop() };
}
