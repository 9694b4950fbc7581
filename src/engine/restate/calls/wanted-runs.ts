import type { WantedRun } from '../../../core/ports/store/drive-store.js';
import { isUuid } from '../../../core/text/uuid.js';

/** What a call of Restate carries: for each run its id, its organization's, and the epoch that it has to have. */
export type CallBody = readonly (readonly [runId: string, organizationId: string, epoch: number | null])[];

export function writeWanted(wanted: readonly WantedRun[]): CallBody {
  return wanted.map(({ runId, organizationId, epoch }) => [runId, organizationId, epoch]);
}

/** Null for what no Errand has sent. */
export function readWanted(body: unknown): WantedRun[] | null {
  if (!Array.isArray(body)) return null;
  const wanted: WantedRun[] = [];
  for (const item of body as unknown[]) {
    if (!Array.isArray(item)) return null;
    const [runId, organizationId, epoch = null] = item as unknown[];
    if (typeof runId !== 'string' || !isUuid(runId) || typeof organizationId !== 'string') return null;
    if (epoch !== null && typeof epoch !== 'number') return null;
    wanted.push({ runId, organizationId, epoch });
  }
  return wanted;
}
