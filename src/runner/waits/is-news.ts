import type { WaitReason } from '../../core/run/node-execution.js';

/** Whether others bring it about: it may be there before the node has come to wait for it. */
export function isNews(reason: WaitReason | undefined): boolean {
  return reason === 'run' || reason === 'event';
}
