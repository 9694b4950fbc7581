import type { Clock, NewId } from '../../core/ports/clock.js';
import type { Engine } from '../../core/ports/engine.js';
import type { KeyMaker } from '../../core/ports/key-maker.js';
import type { DerivedSecrets, SecretBox } from '../../core/ports/secret-box.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Tracing } from '../../core/ports/tracing.js';
import type { Notifier } from '../../core/ports/notifier.js';
import type { RateLimiter } from '../../core/ports/rate-limiter.js';
import type { ModelDirectory } from '../../core/models/model-directory.js';
import type { Store } from '../../core/ports/store/store.js';
import type { BillingDays } from '../billing/billing-days.js';
import type { Catalog } from '../state/catalog.js';
import type { ModelCredentials } from '../state/model-credentials.js';
import type { KeyWatch } from '../state/key-watch.js';
import type { WebhookRegistry } from '../state/webhook-registry.js';
import type { SecretValues } from '../state/secret-values.js';
import type { ScheduleChanges } from '../state/schedule-changes.js';

/** What the use cases work with. */
export interface ServiceDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly notifier: Notifier;
  readonly keys: KeyMaker;
  readonly keyWatch: KeyWatch;
  readonly schedules: ScheduleChanges;
  /** For keys that a repeated call is to be given again; without it, such a call is refused. */
  readonly secrets?: DerivedSecrets;
  /** Readiness does not ask for secrets when not given. */
  readonly secretValues?: SecretValues;
  /** A server without them tells nobody of its runs. */
  readonly webhooks?: { readonly box: SecretBox; readonly registry: WebhookRegistry };
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly billingDays: Pick<BillingDays, 'of' | 'update'>;
  /** Together with `credentials`; a server without them has no models. */
  readonly models?: ModelDirectory;
  readonly credentials?: ModelCredentials;
  /** Nothing is traced when not given. */
  readonly tracing?: Tracing;
  /** By organization: tests of models. Not limited when not given. */
  readonly modelTests?: RateLimiter;
}
