import type { Clock, NewId } from '../../core/ports/clock.js';
import type { DryRuns } from '../../core/workflow/dry-run.js';
import type { Engine } from '../../core/ports/engine.js';
import type { KeyMaker } from '../../core/ports/key-maker.js';
import type { DerivedSecrets, SecretBox } from '../../core/ports/secret-box.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Tracing } from '../../core/ports/tracing.js';
import type { Notifier } from '../../core/ports/notifier.js';
import type { RateLimiter } from '../../core/ports/rate-limiter.js';
import type { ModelDirectory } from '../../core/models/model-directory.js';
import type { TokenMaker } from '../../core/ports/token-maker.js';
import type { Store } from '../../core/ports/store/store.js';
import type { BillingDays } from '../billing/billing-days.js';
import type { CreditAlerts } from '../billing/credit-alerts.js';
import type { PublishedCode } from '../../core/handlers/published-code.js';
import type { Declared } from './declared.js';
import type { Catalog } from '../state/catalog.js';
import type { ModelCredentials } from '../state/model-credentials.js';
import type { KeyWatch } from '../state/key-watch.js';
import type { HookCounter } from '../state/hook-counter.js';
import type { WebhookRegistry } from '../state/webhook-registry.js';
import type { SecretValues } from '../state/secret-values.js';
import type { Changes } from '../state/changes.js';

/** What the use cases work with. */
export interface ServiceDeps {
  readonly store: Store;
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly notifier: Notifier;
  readonly keys: KeyMaker;
  readonly keyWatch: KeyWatch;
  readonly schedules: Changes;
  /** Bulk jobs are taken up later when not given. */
  readonly bulkStarts?: Changes;
  /** For keys that a repeated call is to be given again; without it, such a call is refused. */
  readonly secrets?: DerivedSecrets;
  /** Readiness does not ask for secrets when not given. */
  readonly secretValues?: SecretValues;
  /** A server without them tells nobody of its runs. */
  readonly webhooks?: { readonly box: SecretBox; readonly registry: WebhookRegistry };
  /** A server without them has no hooks. */
  readonly hooks?: HookDeps;
  /** What is published holds here when its promise resolves. */
  readonly published?: { changed(): Promise<void> };
  /** The code of published workflows; a server without it takes none. */
  readonly code?: PublishedCode;
  /** A server without it makes none. */
  readonly dryRuns?: DryRuns;
  /** What definitions may name. */
  readonly declared?: Declared;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly billingDays: Pick<BillingDays, 'of' | 'update'>;
  /** Nobody is told how far credits are used when not given. */
  readonly creditAlerts?: CreditAlerts;
  /** Together with `credentials`; a server without them has no models. */
  readonly models?: ModelDirectory;
  readonly credentials?: ModelCredentials;
  /** Nothing is traced when not given. */
  readonly tracing?: Tracing;
  /** Whether the audit trail has each run that a key or a grant starts. Not when not given. */
  readonly auditStarts?: boolean;
  /** By organization: tests of models. Not limited when not given. */
  readonly modelTests?: RateLimiter;
}

export interface HookDeps {
  readonly box: SecretBox;
  readonly tokens: TokenMaker;
  readonly counter: HookCounter;
  /** By hook: all requests, and those that it refuses. */
  readonly requests: RateLimiter;
  readonly refusals: RateLimiter;
}
