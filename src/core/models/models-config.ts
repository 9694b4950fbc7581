/**
 * How a provider is spoken to: `openai` is OpenAI's responses API, `openai-chat` its chat completions,
 * `openai-compatible` chat completions as other servers have them, `package` whatever a provider of the AI SDK speaks.
 */
export const MODEL_APIS = ['openai', 'openai-chat', 'anthropic', 'google', 'openai-compatible', 'package'] as const;
export type ModelApi = (typeof MODEL_APIS)[number];

export interface ModelProvider {
  readonly api: ModelApi;
  /** Null: the API's own. */
  readonly baseUrl: string | null;
  /** The environment variable that the base address may stand in. */
  readonly baseUrlEnv: string | null;
  /** The environment variable that the key stands in; null when calls need none. */
  readonly keyEnv: string | null;
  /** Sent along with every request. `${NAME}` stands for a variable of the environment. */
  readonly headers: { readonly [name: string]: string };
  /** Over all runs, for each key. */
  readonly requestsPerMinute: number | null;
  /** Calls at once, over all runs, for each key. */
  readonly concurrency: number | null;
  /** The npm package of an AI SDK provider. */
  readonly package: string | null;
  /**
   * Whether the server takes a JSON Schema for its answer (`schema`), only knows that it is to be JSON (`json`), or
   * neither (`none`).
   */
  readonly structuredOutput: 'schema' | 'json' | 'none';
}

/** In US dollars per million tokens. */
export interface ModelPrice {
  readonly input: number;
  /** What the provider had cached; as `input` when absent. */
  readonly cachedInput?: number;
  /** What the provider put into its cache; as `input` when absent. */
  readonly cacheWrite?: number;
  readonly output: number;
}

/** What `models.yaml` says. */
export interface ModelsConfig {
  /** Whole: what a declaration left open is filled in. */
  readonly providers: ReadonlyMap<string, ModelProvider>;
  /** `provider/model`, best first. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  /** By `provider/model`; they go before those of the price list. */
  readonly prices: ReadonlyMap<string, ModelPrice>;
}

export const NO_MODELS_CONFIG: ModelsConfig = { providers: new Map(), aliases: new Map(), prices: new Map() };

export const PLAIN_PROVIDER: Omit<ModelProvider, 'api'> = {
  baseUrl: null,
  baseUrlEnv: null,
  keyEnv: null,
  headers: {},
  requestsPerMinute: null,
  concurrency: null,
  package: null,
  structuredOutput: 'schema',
};

/** Those that need not be declared. */
export const BUILT_IN_PROVIDERS: ReadonlyMap<string, ModelProvider> = new Map([
  ['openai', { ...PLAIN_PROVIDER, api: 'openai' as const, keyEnv: 'OPENAI_API_KEY', baseUrlEnv: 'OPENAI_BASE_URL' }],
  [
    'anthropic',
    { ...PLAIN_PROVIDER, api: 'anthropic' as const, keyEnv: 'ANTHROPIC_API_KEY', baseUrlEnv: 'ANTHROPIC_BASE_URL' },
  ],
  ['google', { ...PLAIN_PROVIDER, api: 'google' as const, keyEnv: 'GOOGLE_GENERATIVE_AI_API_KEY' }],
  [
    'ollama',
    {
      ...PLAIN_PROVIDER,
      api: 'openai-compatible' as const,
      baseUrl: 'http://127.0.0.1:11434/v1',
      baseUrlEnv: 'OLLAMA_BASE_URL',
    },
  ],
]);

/** A reference to a model, taken apart: the provider's name ends at the first slash. Null for the name of an alias. */
export function parseModelName(name: string): { readonly provider: string; readonly model: string } | null {
  const slash = name.indexOf('/');
  if (slash <= 0 || slash === name.length - 1) return null;
  return { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}
