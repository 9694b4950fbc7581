import type {
  AliasDescription,
  ModelDescription,
  ModelsDescription,
  ProviderDescription,
} from '../../core/models/model-directory.js';
import type { ModelCatalog, Target } from './model-catalog.js';
import { findPrice, type PriceList } from './prices.js';

export async function describeModels(params: {
  readonly book: ModelCatalog;
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
