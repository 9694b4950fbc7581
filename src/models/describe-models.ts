import type { ModelApi, ModelPrice } from '../core/models-config.js';
import type { ModelBook, Target } from './model-book.js';
import { findPrice, type PriceList } from './prices.js';

export interface ProviderDescription {
  readonly name: string;
  readonly api: ModelApi;
  /** Null: the API's own. */
  readonly baseUrl: string | null;
  readonly keyEnv: string | null;
  /** Where the key comes from: the organization's own, the environment, or none is needed. Null when it is missing. */
  readonly key: 'organization' | 'environment' | 'not needed' | null;
  /** What is to be set or installed; null when the provider can be used. */
  readonly lacking: string | null;
}

export interface AliasDescription {
  readonly name: string;
  readonly models: readonly ModelDescription[];
}

export interface ModelDescription {
  readonly name: string;
  readonly lacking: string | null;
  readonly price: ModelPrice | null;
}

export interface ModelsDescription {
  readonly providers: readonly ProviderDescription[];
  readonly aliases: readonly AliasDescription[];
  /** Models with a price, by `provider/model`. */
  readonly priced: readonly { readonly name: string; readonly price: ModelPrice }[];
}

export async function describeModels(params: {
  readonly book: ModelBook;
  readonly keyFor: (target: Target) => Promise<string | null>;
  /** Whether the organization has a key of its own. */
  readonly isOwn: (target: Target) => Promise<boolean>;
  /** The first goes before the others. */
  readonly priceLists: readonly PriceList[];
}): Promise<ModelsDescription> {
  const { book, keyFor, isOwn, priceLists } = params;
  const providers: ProviderDescription[] = [];
  for (const [name, { api, keyEnv }] of book.providers) {
    const [target] = book.resolve([`${name}/any`]);
    if (target === undefined) continue;
    const key = await keyFor(target);
    const found = (await isOwn(target)) ? 'organization' : 'environment';
    providers.push({
      name,
      api,
      baseUrl: target.baseUrl,
      keyEnv,
      key: key === null ? (keyEnv === null ? 'not needed' : null) : found,
      lacking: book.explain(target, key),
    });
  }
  const aliases: AliasDescription[] = [];
  for (const [name, models] of book.aliases) {
    const described = models.map(async (model): Promise<ModelDescription> => {
      const price = findPrice(model, priceLists);
      try {
        const [target] = book.resolve([model]);
        const lacking = target === undefined ? null : book.explain(target, await keyFor(target));
        return { name: model, lacking, price };
      } catch (error) {
        return { name: model, lacking: error instanceof Error ? error.message : String(error), price };
      }
    });
    aliases.push({ name, models: await Promise.all(described) });
  }
  const prices = new Map(priceLists.toReversed().flatMap((list) => [...list]));
  return { providers, aliases, priced: [...prices].map(([name, price]) => ({ name, price })) };
}
