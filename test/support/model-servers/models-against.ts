import type { Clock } from '../../../src/core/ports/clock.js';
import { createOutbound } from '../../../src/outbound/create-outbound.js';
import { silentLogger } from '../../../src/core/ports/logger.js';
import type { ModelAnswer, ModelCallOptions, ModelMessage, ModelRequest } from '../../../src/core/models/models.js';
import { type ModelProvider, type ModelsConfig, PLAIN_PROVIDER } from '../../../src/core/models/models-config.js';
import { type ConfiguredModels, createModels, type CreateModelsParams } from '../../../src/models/create-models.js';
import { nodeClock } from '../../../src/app/process/node-clock.js';
import type { ModelServer } from './model-server.js';

/** One model for each API that the server speaks, by the names that the providers have in `modelsAgainst`. */
export const MODELS = {
  'openai-responses': 'openai/gpt-5',
  'openai-chat': 'chat/gpt-4o',
  anthropic: 'anthropic/claude-sonnet-4-5',
  google: 'google/gemini-3-flash',
} as const;

/** The same, as a server of unknown making. */
export const LOCAL_MODEL = 'local/qwen3';

export const SERVER_KEY = 'sk-test-0123456789';

/**
 * Models whose providers all are the server: `openai`, `anthropic`, `google`, `chat` (OpenAI's chat completions) and
 * `local` (openai-compatible).
 */
export function modelsAgainst(
  server: ModelServer,
  options: {
    readonly providers?: { readonly [name: string]: ModelProvider };
    readonly aliases?: ModelsConfig['aliases'];
    readonly prices?: ModelsConfig['prices'];
    readonly env?: { readonly [name: string]: string };
    readonly clock?: Clock;
  } & Partial<Pick<CreateModelsParams, 'credentialOf' | 'packagesFrom' | 'logger' | 'filesFrom'>> = {},
): ConfiguredModels {
  const { env, providers, aliases = new Map(), prices = new Map(), clock = nodeClock, ...others } = options;
  return createModels({
    config: {
      providers: new Map<string, ModelProvider>([
        ['chat', { ...PLAIN_PROVIDER, api: 'openai-chat', baseUrl: server.url, keyEnv: 'OPENAI_API_KEY' }],
        ['local', { ...PLAIN_PROVIDER, api: 'openai-compatible', baseUrl: server.url, keyEnv: 'LOCAL_KEY' }],
        ['google', { ...PLAIN_PROVIDER, api: 'google', baseUrl: server.url, keyEnv: 'GOOGLE_GENERATIVE_AI_API_KEY' }],
        ...Object.entries(providers ?? {}),
      ]),
      aliases,
      prices,
    },
    env: {
      OPENAI_API_KEY: SERVER_KEY,
      OPENAI_BASE_URL: server.url,
      ANTHROPIC_API_KEY: SERVER_KEY,
      ANTHROPIC_BASE_URL: server.url,
      GOOGLE_GENERATIVE_AI_API_KEY: SERVER_KEY,
      LOCAL_KEY: SERVER_KEY,
      ...env,
    },
    credentialOf: () => Promise.resolve(null),
    fetch: createOutbound({ hosts: 'any', allow: [], proxies: null }).fetch,
    logger: silentLogger,
    clock,
    ...others,
  });
}

export function userSays(text: string): ModelMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}

/** Asks with one message and no more than that, where nothing else is given. */
export function ask(
  models: ConfiguredModels,
  model: string | readonly string[],
  request: Partial<ModelRequest> = {},
  options: Partial<ModelCallOptions> = {},
): Promise<ModelAnswer> {
  return models.call(
    { models: typeof model === 'string' ? [model] : model, system: null, messages: [userSays('Hello')], ...request },
    { organizationId: 'org-1', signal: new AbortController().signal, ...options },
  );
}
