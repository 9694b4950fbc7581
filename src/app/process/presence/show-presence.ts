import { errorMessage } from '../../../core/errors.js';
import type { Clock } from '../../../core/ports/clock.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { SharedRecords } from '../../../store/postgres/drive-records.js';
import { FolderComparison, type FolderWorkflows } from './compare-folders.js';
import { placeOfProcess } from './place-of-process.js';
import { readVersion } from '../version.js';

const EVERY_MS = 5_000;

export interface Presence {
  follow(workflows: () => FolderWorkflows): void;
  stop(): Promise<void>;
}

/**
 * Says from time to time that this process is at work on the records that it shares, and with which workflows from its
 * folder, once these are known (`follow`); compares them with what the others say.
 */
export async function showPresence(params: {
  readonly shared: Pick<SharedRecords, 'beat' | 'leave'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly id: string;
}): Promise<Presence> {
  const { shared, clock, logger, id } = params;
  const place = placeOfProcess();
  let cancel = (): void => undefined;
  let isOver = false;
  let beating: Promise<void> = Promise.resolve();
  let ownWorkflows: (() => FolderWorkflows) | null = null;
  const comparison = new FolderComparison(logger);
  const tell = async (): Promise<void> => {
    const workflows = ownWorkflows?.() ?? null;
    const others = await shared.beat({ id, place, program: readVersion(), workflows });
    if (workflows !== null) comparison.compare(workflows, others);
  };
  const beat = async (): Promise<void> => {
    await tell().catch((error: unknown) => {
      logger.debug({ error: errorMessage(error) }, 'This process could not say that it is alive');
    });
    if (!isOver) cancel = clock.schedule(EVERY_MS, () => void (beating = beat()));
  };
  await beat();
  return {
    follow: (workflows) => (ownWorkflows = workflows),
    stop: async () => {
      isOver = true;
      cancel();
      await beating;
      // Where that fails, it is taken for gone soon.
      await shared.leave({ id }).catch(() => undefined);
    },
  };
}
