import type { PublishedCode } from '../../core/handlers/published-code.js';
import type { Store } from '../../core/ports/store/store.js';
import { workflowKeyOfRun } from '../../core/workflow/workflow-key.js';
import { RestateEngine, type RestateEngineOptions } from '../../engine/restate/restate-engine.js';
import type { HandlerStore } from '../../loader/bundles/handler-store.js';
import type { SharedEngineParams } from './cluster.js';

/** The engine of a cluster: Restate decides which process drives what. */
export function createSharedEngine({ store, cluster, bundles, code, ...options }: SharedEngineParams): RestateEngine {
  const { restate: addresses, drives, mail, notices } = cluster;
  const { runs, organizations } = store;
  return new RestateEngine({
    ...options,
    addresses,
    store: { runs, organizations, drives, mail },
    canDrive: knowVersions(store, bundles, code),
    hints: {
      mailSent: (id) => notices.publish({ topic: 'mail', id, version: 0 }),
      onMail: (listener) => notices.listen('mail', ({ id }) => listener(id)),
      organizationChanged: (id) => notices.publish({ topic: 'organization', id, version: 0 }),
      onOrganizationChanged: (listener) => notices.listen('organization', ({ id }) => listener(id)),
    },
  });
}

/** Whether the code of a version is in this process's folder, or can be taken out of the store. What was there once stays. */
function knowVersions(store: Store, bundles: HandlerStore, code: PublishedCode): RestateEngineOptions['canDrive'] {
  const known = new Set<string>();
  return async (run) => {
    const { workflowVersion: version } = run;
    const workflowId = workflowKeyOfRun(run);
    const name = `${workflowId}@${version}`;
    if (known.has(name)) return true;
    const kept = await store.workflows.getVersion({ workflowId, version });
    for (const ref of Object.values(kept?.handlers ?? {})) {
      const isPublished = ref.kind === 'bundle' && ref.published !== undefined;
      if (!(isPublished ? (await code.explain([ref])) === null : await bundles.has(ref))) return false;
    }
    known.add(name);
    return true;
  };
}
