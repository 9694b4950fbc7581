import type { Usage } from '../../models/models.js';
import type { Sealed } from '../secret-box.js';
import type { ModelUse } from './run-store.js';

/** An organization's own key for a provider of models, sealed: whoever reads the store cannot read the key. */
export interface ModelCredential {
  readonly organizationId: string;
  /** The provider's name in the configuration: `openai`. */
  readonly provider: string;
  /** See `SecretBox`. */
  readonly sealed: Sealed;
  /** The key's last characters, for people to tell keys apart. */
  readonly hint: string;
  readonly createdAt: number;
}

/** What one organization has used of one model within a month. */
export interface ModelMonth {
  /** `provider/model`. */
  readonly model: string;
  readonly usage: Usage;
}

export interface ModelPlace {
  readonly organizationId: string;
  readonly provider: string;
}

export interface UsageOfMonthParams {
  readonly organizationId: string;
  /** `YYYY-MM`, UTC. */
  readonly month: string;
}

export interface ModelStore {
  /** Replaces the one that the organization has for the provider. */
  saveCredential(credential: ModelCredential): Promise<void>;
  getCredential(params: ModelPlace): Promise<ModelCredential | null>;
  /** By provider. */
  listCredentials(params: { readonly organizationId: string }): Promise<ModelCredential[]>;
  /** False when there is none. */
  deleteCredential(params: ModelPlace): Promise<boolean>;
  /** What a model has used outside of any run; `RunStore.commit` adds what runs use. */
  addUsage(params: { readonly organizationId: string; readonly use: ModelUse }): Promise<void>;
  /** By model. */
  listUsage(params: UsageOfMonthParams): Promise<ModelMonth[]>;
}
