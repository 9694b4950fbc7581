import {
  BUILT_IN_PROVIDERS,
  type ModelProvider,
  type ModelsConfig,
  parseModelName,
} from '../../core/models/models-config.js';
import { holdsPassword } from '../../core/text/holds-password.js';
import { fillVariables, readVariable, variablesIn } from '../../core/ports/mcp-servers-config.js';
import { findPackage } from './find-package.js';
import { howToInstall } from './open-model.js';
import { modelFailure } from '../provider/to-failure.js';

export type Environment = { readonly [name: string]: string | undefined };

/** A model that can be asked, once there is a key. */
export interface Target {
  /** `provider/model`. */
  readonly fullName: string;
  /** The provider's name in the configuration. */
  readonly name: string;
  readonly provider: ModelProvider;
  readonly model: string;
  /** Null: the API's own. */
  readonly baseUrl: string | null;
  /** Variables of the environment filled in. */
  readonly headers: { readonly [name: string]: string };
}

/** The environment variable with the models of the alias `default`, best first, with commas between them. */
export const DEFAULT_MODEL_ENV = 'ERRAND_DEFAULT_MODEL';

/** What names of models and aliases stand for. */
export class ModelCatalog {
  readonly providers: ReadonlyMap<string, ModelProvider>;
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  readonly #env: Environment;
  readonly #packagesFrom: readonly string[];

  constructor(params: {
    readonly config: ModelsConfig;
    readonly env: Environment;
    readonly packagesFrom: readonly string[];
  }) {
    const { config, env } = params;
    this.providers = new Map([...BUILT_IN_PROVIDERS, ...config.providers]);
    const ofEnv = (env[DEFAULT_MODEL_ENV] ?? '').split(',').flatMap((name) => name.trim() || []);
    this.aliases = new Map([...config.aliases, ...(ofEnv.length === 0 ? [] : [['default', ofEnv] as const])]);
    this.#env = env;
    this.#packagesFrom = params.packagesFrom;
  }

  /**
   * The models that are meant, in order, each once. Throws `model_not_configured` for the name of an alias or a
   * provider that does not exist.
   */
  resolve(names: readonly string[]): readonly Target[] {
    const fullNames = names.flatMap((name) => (parseModelName(name) === null ? this.#aliased(name) : [name]));
    return [...new Set(fullNames)].map((fullName) => this.#target(fullName));
  }

  /** The key from the environment; null when there is none. */
  keyOf({ provider }: Target): string | null {
    return provider.keyEnv === null ? null : this.#value(provider.keyEnv);
  }

  /** What is to be set or installed before the model can be asked; null when nothing is. */
  explain({ name, provider, baseUrl }: Target, key: string | null): string | null {
    if (provider.package !== null && findPackage(provider.package, this.#packagesFrom) === null) {
      return howToInstall(name, provider.package);
    }
    if (provider.api === 'openai-compatible' && baseUrl === null) {
      return `The provider "${name}" has no address: set "base_url" in models.yaml`;
    }
    if (baseUrl !== null && holdsPassword(baseUrl)) {
      const where = provider.baseUrlEnv ?? '"base_url"';
      return `The address of the provider "${name}" holds a user and password: take them out of ${where}, and set a key or "headers" in models.yaml`;
    }
    const missing = Object.values(provider.headers)
      .flatMap(variablesIn)
      .find((variable) => this.#value(variable) === null);
    if (missing !== undefined) return `A header of the provider "${name}" lacks its value: set ${missing}`;
    if (provider.keyEnv === null || key !== null) return null;
    return `The provider "${name}" has no key: set ${provider.keyEnv}, or give the organization a credential for "${name}"`;
  }

  /** Null when it is not set, or holds nothing. */
  #value(variable: string): string | null {
    return readVariable(this.#env, variable) || null;
  }

  #aliased(name: string): readonly string[] {
    const models = this.aliases.get(name);
    if (models !== undefined) return models;
    const message =
      name === 'default'
        ? `There is no default model: set ${DEFAULT_MODEL_ENV} to one, as in openai/gpt-5-mini or ollama/qwen3, or "default" under "aliases" in models.yaml`
        : `There is no model "${name}": a model is named provider/model, and models.yaml has ${
            this.aliases.size === 0 ? 'no aliases' : `the aliases ${[...this.aliases.keys()].join(', ')}`
          }`;
    throw modelFailure('model_not_configured', message);
  }

  #target(fullName: string): Target {
    const parsed = parseModelName(fullName);
    const provider = parsed === null ? undefined : this.providers.get(parsed.provider);
    if (parsed === null || provider === undefined) {
      const known = [...this.providers.keys()].join(', ');
      const message = `There is no provider for the model "${fullName}": the providers are ${known}; others are declared under "providers" in models.yaml`;
      throw modelFailure('model_not_configured', message);
    }
    const ofEnv = provider.baseUrlEnv === null ? null : this.#value(provider.baseUrlEnv);
    const headers = Object.entries(provider.headers).map(
      ([name, value]) => [name, fillVariables(value, this.#env)] as const,
    );
    return {
      fullName,
      name: parsed.provider,
      provider,
      model: parsed.model,
      baseUrl: ofEnv ?? provider.baseUrl,
      headers: Object.fromEntries(headers),
    };
  }
}
