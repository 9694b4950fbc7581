import type { ModelProvider } from '../../core/models/models-config.js';
import { findPackage } from './find-package.js';
import { REFUSALS } from '../provider/refusals.js';
import type { SdkModel } from '../provider/sdk.js';
import { modelFailure } from '../provider/to-failure.js';

export interface OpenModelParams {
  /** The provider's name in the configuration. */
  readonly name: string;
  readonly provider: ModelProvider;
  readonly model: string;
  readonly baseUrl: string | null;
  readonly headers: { readonly [name: string]: string };
  readonly key: string | null;
  readonly fetch: typeof globalThis.fetch;
  /** Where packages of other providers are looked for. */
  readonly packagesFrom: readonly string[];
}

type Open = (params: OpenModelParams) => Promise<SdkModel>;

/**
 * One entry an API. Packages are loaded when the first model of theirs is asked. All of them read the environment where
 * they are not told, and so are told everything.
 */
const OPEN: { readonly [api in ModelProvider['api']]: Open } = {
  openai: async (params) => (await openAi(params)).responses(params.model),
  'openai-chat': async (params) => (await openAi(params)).chat(params.model),
  anthropic: async ({ headers, model, baseUrl, key, fetch }) => {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    const baseURL = withVersion(baseUrl ?? 'https://api.anthropic.com/v1');
    return createAnthropic({ baseURL, apiKey: key ?? NO_KEY, headers: { ...headers }, fetch })(model);
  },
  google: async ({ headers, model, baseUrl, key, fetch }) => {
    const { createGoogleGenerativeAI } = await import('@ai-sdk/google');
    const baseURL = baseUrl ?? 'https://generativelanguage.googleapis.com/v1beta';
    return createGoogleGenerativeAI({ baseURL, apiKey: key ?? NO_KEY, headers: { ...headers }, fetch })(model);
  },
  'openai-compatible': async ({ name, provider, headers, model, baseUrl, key, fetch }) => {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    return createOpenAICompatible({
      name,
      baseURL: baseUrl ?? '',
      ...(key === null ? {} : { apiKey: key }),
      headers: { ...headers },
      includeUsage: true,
      metadataExtractor: REFUSALS,
      supportsStructuredOutputs: provider.structuredOutput === 'schema',
      fetch,
    }).chatModel(model);
  },
  package: openFromPackage,
};

/** What is sent where a server asks for no key and the SDK insists on one. */
const NO_KEY = 'none';

export function openModel(params: OpenModelParams): Promise<SdkModel> {
  return OPEN[params.provider.api](params);
}

async function openAi({ headers, baseUrl, key, fetch }: OpenModelParams) {
  const { createOpenAI } = await import('@ai-sdk/openai');
  const baseURL = withVersion(baseUrl ?? 'https://api.openai.com/v1');
  return createOpenAI({ baseURL, apiKey: key ?? NO_KEY, headers: { ...headers }, fetch });
}

/**
 * The vendors' own clients are given addresses with and without `/v1`: an address without any path means the former.
 */
function withVersion(address: string): string {
  const { pathname } = new URL(address);
  return pathname === '/' ? `${address.replace(/\/$/, '')}/v1` : address;
}

type Factory = (options: object) => { readonly languageModel: (model: string) => unknown };

async function openFromPackage(params: OpenModelParams): Promise<SdkModel> {
  const { name, provider, headers, model, baseUrl, key, fetch } = params;
  const packageName = provider.package ?? '';
  const found = findPackage(packageName, params.packagesFrom);
  if (found === null) throw modelFailure('model_not_configured', howToInstall(name, packageName));
  const loaded = (await import(found.href)) as { readonly [name: string]: unknown };
  const create = findFactory(loaded, packageName);
  if (create === null) {
    const message = `The package ${packageName} of the provider "${name}" is no AI SDK provider: it exports no create… function`;
    throw modelFailure('model_not_configured', message);
  }
  const opened = create({
    name,
    ...(baseUrl === null ? {} : { baseURL: baseUrl }),
    ...(key === null ? {} : { apiKey: key }),
    headers: { ...headers },
    fetch,
  }).languageModel(model) as SdkModel;
  if (opened.specificationVersion === 'v3') return opened;
  // Providers of an older interface are adapted by the SDK.
  const { wrapLanguageModel } = await import('./wrap-model.js');
  return wrapLanguageModel({ model: opened, middleware: [] });
}

export function howToInstall(provider: string, packageName: string): string {
  return `The provider "${provider}" needs the package ${packageName}, which is not installed: npm install ${packageName} beside the workflows`;
}

/** `createMistral` of `@ai-sdk/mistral`; of a package that is named otherwise, its only `create…`. */
function findFactory(loaded: { readonly [name: string]: unknown }, packageName: string): Factory | null {
  const factories = Object.keys(loaded).filter(
    (name) => /^create[A-Z]/.test(name) && typeof loaded[name] === 'function',
  );
  const letters = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const wanted = letters(packageName);
  const named = factories.find((name) => wanted.includes(letters(name.slice('create'.length))));
  const only = factories.length === 1 ? factories[0] : undefined;
  return (loaded[named ?? only ?? ''] as Factory | undefined) ?? null;
}
