import type { JsonObject } from '../json.js';
import type { Usage } from '../models/models.js';

/** What models have used, in the words that the native contract and the REST API share. */
export function renderUsage(usage: Usage) {
  return {
    calls: usage.calls,
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    cost_usd: usage.costMicros / 1_000_000,
    unpriced_calls: usage.unpricedCalls,
  } satisfies JsonObject;
}
