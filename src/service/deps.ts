import type { Clock, NewId } from '../core/clock.js';
import type { Engine } from '../core/engine.js';
import type { KeyMaker } from '../core/key-maker.js';
import type { Logger } from '../core/logger.js';
import type { ModelDirectory } from '../core/model-directory.js';
import type { Store } from '../core/store.js';
import type { Catalog } from './catalog.js';
import type { ModelCredentials } from './model-credentials.js';
import type { RunFeed } from './run-feed.js';

/** What the use cases work with. */
export interface ServiceDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly feed: RunFeed;
  readonly keys: KeyMaker;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  /** Together with `credentials`; a server without them has no models. */
  readonly models?: ModelDirectory;
  readonly credentials?: ModelCredentials;
}
