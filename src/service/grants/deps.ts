import type { Clock, NewId } from '../../core/ports/clock.js';
import type { Store } from '../../core/ports/store/store.js';
import type { TokenMaker } from '../../core/ports/token-maker.js';
import type { KeyWatch } from '../state/key-watch.js';

/** What the authorization server works with. */
export interface GrantDeps {
  readonly store: Store;
  readonly tokens: TokenMaker;
  readonly keyWatch: KeyWatch;
  readonly clock: Pick<Clock, 'now'>;
  readonly newId: NewId;
}
