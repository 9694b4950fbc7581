import { join } from 'node:path';
import { createSecretBox } from '../../auth/secret-box.js';
import type { DerivedSecrets, SecretBox } from '../../core/ports/secret-box.js';
import type { Clock } from '../../core/ports/clock.js';
import type { ContentPolicy } from '../../core/models/content-policy.js';
import type { HostRange, Outbound } from '../../core/ports/outbound.js';
import { SECRET_KEY_FILE } from './data-folder.js';
import type { Logger } from '../../core/ports/logger.js';
import { NO_MODELS_CONFIG, type ModelsConfig } from '../../core/models/models-config.js';
import type { Store } from '../../core/ports/store/store.js';
import { createModels, type ConfiguredModels } from '../../models/create-models.js';
import type { PriceList } from '../../models/catalogue/prices.js';
import { ModelContent } from '../../runner/models/model-content.js';
import { ModelCredentials } from '../../service/state/model-credentials.js';

export interface ModelsOptions {
  readonly config?: ModelsConfig;
  /** Where keys and addresses of providers are looked up; nowhere when not given. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Those that come with the program when not given. */
  readonly prices?: PriceList;
  /** Folders for which packages of further providers may be installed. */
  readonly packagesFrom?: readonly string[];
  /** `public` when not given. */
  readonly filesFrom?: HostRange;
  /** `keep` when not given. */
  readonly content?: ContentPolicy;
  /** What secrets are encrypted with; the key in the data folder when not given. */
  readonly secretKey?: Buffer | null;
}

export interface WiredModels {
  readonly models: ConfiguredModels;
  readonly credentials: ModelCredentials;
  readonly content: ModelContent;
  readonly secrets: SecretBox & DerivedSecrets;
}

export function wireModels(params: {
  readonly options: ModelsOptions;
  readonly outbound: Outbound;
  readonly dataDir: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether other processes change the records too. */
  readonly isShared: boolean;
}): WiredModels {
  const { options, outbound, dataDir, store, clock, logger, isShared } = params;
  const { config = NO_MODELS_CONFIG, env = {}, content = 'keep', filesFrom = 'public', prices, packagesFrom } = options;
  const box = createSecretBox({ key: options.secretKey ?? null, file: join(dataDir, SECRET_KEY_FILE) });
  const credentials = new ModelCredentials({ store, box, clock, isShared });
  const models = createModels({
    config,
    env,
    credentialOf: (provider, organizationId) => credentials.keyOf(provider, organizationId),
    ...(prices === undefined ? {} : { prices }),
    ...(packagesFrom === undefined ? {} : { packagesFrom }),
    filesFrom,
    fetch: outbound.fetch,
    clock,
    logger,
  });
  return { models, credentials, content: new ModelContent({ policy: content, box }), secrets: box };
}
