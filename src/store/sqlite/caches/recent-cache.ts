import { Recent } from '../../rows/recent/recent.js';
import type { BatchParticipant } from '../connection/batch-participants.js';

/** What was read lately of the file, and is what the file has. */
export class RecentCache<Value extends object> extends Recent<Value> implements BatchParticipant {
  flush(): void {}

  markSavepoint(): void {}

  committed(): void {}

  /** What was read meanwhile may never have been. */
  undo(): void {
    this.clear();
  }

  reload(): void {
    this.clear();
  }
}
