import { EmbeddedNotifier } from '../../engine/embedded/embedded-notifier.js';
import { PublishedWorkflows, type PublishedWorkflowsOptions } from '../../service/background/published-workflows.js';
import type { WebhookHints } from '../../service/state/webhook-registry.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import type { Cluster, OpenedRecords, OpenParams } from '../cluster/cluster.js';
import { placeOfProcess } from '../process/presence/place-of-process.js';
import { readVersion } from '../process/version.js';

export async function openRecords(params: OpenParams): Promise<OpenedRecords> {
  const { databasePath, cluster, durability, clock } = params;
  if (cluster !== null) {
    // Most servers have a data folder, and none of this.
    const { openShared } = await import('../cluster/open-shared.js');
    return openShared(cluster, params);
  }
  const store = await openSqliteStore({ path: databasePath, durability });
  const listProcesses: OpenedRecords['listProcesses'] = async () => [
    { place: placeOfProcess(), program: readVersion(), seenAt: clock.now(), isThis: true },
  ];
  return { store, notifier: new EmbeddedNotifier(), cluster: null, listProcesses, close: async () => undefined };
}

/** Has the processes of a cluster know webhooks that another one has changed. */
export function webhookHints(cluster: Pick<Cluster, 'notices' | 'onWebhooks'>): WebhookHints {
  return {
    tell: () => cluster.notices.publish({ topic: 'webhooks', id: '', version: 0 }),
    listen: (listener) => cluster.onWebhooks(listener),
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
