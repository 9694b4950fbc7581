import type { Models, ModelUsage, Usage } from './models.js';
import type { ModelApi, ModelPrice } from './models-config.js';

export interface ProviderDescription {
  readonly name: string;
  readonly api: ModelApi;
  /** Null: the API's own. Absent for who does not run the server. */
  readonly baseUrl?: string | null;
  /**
   * The environment variable that the key stands in; null when none is needed. Absent for who does not run the server.
   */
  readonly keyEnv?: string | null;
  /** Where the key comes from; null when it is missing. */
  readonly key: 'organization' | 'environment' | 'not needed' | null;
  /** What is to be set or installed; null when the provider can be used. */
  readonly lacking: string | null;
}

export interface ModelDescription {
  /** `provider/model`. */
  readonly name: string;
  readonly lacking: string | null;
  readonly price: ModelPrice | null;
}

export interface AliasDescription {
  readonly name: string;
  readonly models: readonly ModelDescription[];
}

export interface ModelsDescription {
  readonly providers: readonly ProviderDescription[];
  readonly aliases: readonly AliasDescription[];
  /** Models with a price, by `provider/model`. */
  readonly priced: readonly { readonly name: string; readonly price: ModelPrice }[];
}

/** How a model answered a very short question. */
export type ModelTest =
  | { readonly ok: true; readonly model: string; readonly ms: number; readonly usage: Usage }
  | { readonly ok: false; readonly kind: string; readonly message: string };

/** Models, and what can be told of them. */
export interface ModelDirectory extends Models {
  /** What is there, and what an organization lacks to use it; for none, what the environment alone gives. */
  describe(organizationId: string | null): Promise<ModelsDescription>;
  /**
   * Asks a model, by `provider/model` or by the name of an alias, whether it is there. Costs a few tokens. What the
   * provider says about its limits holds for this call only.
   */
  test(params: {
    readonly model: string;
    readonly organizationId: string;
    readonly signal: AbortSignal;
    /** As of `Models.call`. */
    readonly onLost?: (usage: ModelUsage) => void;
  }): Promise<ModelTest>;
}
