import { ErrandError } from '../../core/errors.js';
import type { CommitOutcome, CommitRunParams } from '../../core/ports/store/run-store.js';

/** What is kept of a run, as far as a commit of it is judged by. */
export interface KeptRun {
  readonly version: number;
  readonly epoch: number;
}

/** Whether a commit goes on from what is kept, and is its driver's. */
export function judgeCommit(kept: KeptRun | null, { run, events, epoch }: CommitRunParams): CommitOutcome {
  if (kept === null) return 'superseded';
  const before = run.version - events.length;
  const { version } = kept;
  if (epoch === null) return version === before ? 'kept' : 'superseded';
  if (epoch < kept.epoch) return 'superseded';
  if (version === before) return 'kept';
  if (version >= run.version) return 'repeated';
  throw new ErrandError(
    'internal',
    `Run ${run.id} is at version ${version}, and a commit of it goes on from ${before}.`,
  );
}
