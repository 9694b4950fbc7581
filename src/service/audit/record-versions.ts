import type { Clock } from '../../core/ports/clock.js';
import type { Store } from '../../core/ports/store/store.js';
import type { Catalog } from '../state/catalog.js';
import { recordChange } from './record-change.js';

/** Puts the versions of files that were made since then into the audit trail of the organization `default`. */
export async function recordVersions(
  deps: {
    readonly catalog: Catalog;
    readonly store: Pick<Store, 'transaction'>;
    readonly clock: Pick<Clock, 'now'>;
    readonly defaultOrganizationId: string;
  },
  since: number,
): Promise<void> {
  const { catalog, store, defaultOrganizationId: organizationId } = deps;
  for (const { record } of catalog.listOfFiles()) {
    const { workflowId, version, createdAt, hash } = record.version;
    if (createdAt < since) continue;
    const change = {
      organizationId,
      action: 'workflow.version',
      target: { kind: 'workflow', id: workflowId },
      before: version === 1 ? null : { version: version - 1 },
      after: { version, hash },
    };
    const server = { organizationId, keyId: null, scopes: [] };
    await store.transaction((tx) => recordChange(tx, deps, server, change));
  }
}
