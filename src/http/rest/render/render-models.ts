import type { ModelDescription, ModelsDescription, ModelTest } from '../../../core/models/model-directory.js';
import type { ModelPrice } from '../../../core/models/models-config.js';
import { tellMoment } from '../../../core/time/moment.js';
import { renderUsage } from '../../../core/render/render-usage.js';
import type { ModelCredentialView, UsageOfMonth } from '../../../service/interface/services.js';
import type {
  ApiModelCredential,
  ApiModelPrice,
  ApiModels,
  ApiModelTest,
  ApiMonthUsage,
} from '../../../api/api-types.js';

export function renderMonthUsage({ month, models, total }: UsageOfMonth): ApiMonthUsage {
  return {
    month,
    total: renderUsage(total),
    models: models.map(({ model, usage }) => ({ model, ...renderUsage(usage) })),
  };
}

export function renderModels({ providers, aliases, priced }: ModelsDescription): ApiModels {
  return {
    providers: providers.map(({ name, api, baseUrl, keyEnv, key, lacking }) => ({
      name,
      api,
      ...(baseUrl === undefined ? {} : { base_url: baseUrl }),
      ...(keyEnv === undefined ? {} : { key_env: keyEnv }),
      key,
      usable: lacking === null,
      lacking,
    })),
    aliases: aliases.map(({ name, models }) => ({ name, models: models.map(renderModel) })),
    prices: priced.map(({ name, price }) => ({ model: name, ...renderPrice(price) })),
  };
}

function renderModel({ name, lacking, price }: ModelDescription): ApiModels['aliases'][number]['models'][number] {
  return { name, usable: lacking === null, lacking, price: price === null ? null : renderPrice(price) };
}

function renderPrice({ input, cachedInput, cacheWrite, output }: ModelPrice): ApiModelPrice {
  return { input, cached_input: cachedInput ?? null, cache_write: cacheWrite ?? null, output };
}

export function renderModelTest(test: ModelTest): ApiModelTest {
  if (!test.ok) return { ok: false, kind: test.kind, message: test.message };
  return { ok: true, model: test.model, milliseconds: test.ms, usage: renderUsage(test.usage) };
}

export function renderModelCredential({ provider, hint, createdAt }: ModelCredentialView): ApiModelCredential {
  return { provider, hint, created_at: tellMoment(createdAt) };
}
