import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import type { PricedTokens } from '../catalogue/prices.js';
import type { SdkFinish, SdkStreamPart } from '../provider/sdk.js';

/**
 * What a provider has told so far of what a call uses. The SDK sums up at the end; a call that breaks off before is to
 * be paid for, too, and so the provider's own events are read as they come. Where they tell it: `usage` in OpenAI's
 * chat completions, `response.usage` in its responses API, `message.usage` and then `usage` in Anthropic's messages,
 * `usageMetadata` in Google's. All tell sums so far, and none what is to be added.
 */
export class ReportedUsage {
  #told: JsonObject = {};
  #sum: PricedTokens | null = null;

  read(part: SdkStreamPart): void {
    if (part.type === 'raw') this.#readEvent(part.rawValue);
    else if (part.type === 'finish') this.#sum = toTokens(part.usage);
  }

  /** Null when nothing was told. */
  get tokens(): PricedTokens | null {
    if (this.#sum !== null) return this.#sum;
    const told = this.#told;
    const cacheWrite = count(told, 'cache_creation_input_tokens');
    // Anthropic's counts of what was cached are beside the others, everybody else's within.
    const apart = count(told, 'cache_read_input_tokens');
    const within =
      countIn(told, 'prompt_tokens_details', 'cached_tokens') +
      countIn(told, 'input_tokens_details', 'cached_tokens') +
      count(told, 'cachedContentTokenCount');
    return orNull({
      input: count(told, 'prompt_tokens', 'input_tokens', 'promptTokenCount') + apart + cacheWrite,
      cached: apart + within,
      cacheWrite,
      output:
        count(told, 'completion_tokens', 'output_tokens', 'candidatesTokenCount') + count(told, 'thoughtsTokenCount'),
    });
  }

  #readEvent(event: unknown): void {
    if (!isJsonObject(event)) return;
    const { usage, message, response, usageMetadata } = event;
    for (const told of [usage, inside(message), inside(response), usageMetadata]) {
      if (!isJsonObject(told)) continue;
      const known = Object.entries(told).filter(([, value]) => value !== null);
      this.#told = { ...this.#told, ...Object.fromEntries(known) };
    }
  }
}

function toTokens({ inputTokens, outputTokens }: SdkFinish['usage']): PricedTokens | null {
  const cached = inputTokens.cacheRead ?? 0;
  const cacheWrite = inputTokens.cacheWrite ?? 0;
  return orNull({
    input: inputTokens.total ?? (inputTokens.noCache ?? 0) + cached + cacheWrite,
    cached,
    cacheWrite,
    output: outputTokens.total ?? (outputTokens.text ?? 0) + (outputTokens.reasoning ?? 0),
  });
}

function orNull(tokens: PricedTokens): PricedTokens | null {
  return tokens.input + tokens.output > 0 ? tokens : null;
}

function inside(holder: Json | undefined): Json | undefined {
  return isJsonObject(holder) ? holder['usage'] : undefined;
}

/** The first of these that is one. */
function count(told: JsonObject, ...names: readonly string[]): number {
  const found = names.map((name) => told[name]).find((value) => Number.isSafeInteger(value) && Number(value) >= 0);
  return Number(found ?? 0);
}

function countIn(told: JsonObject, name: string, part: string): number {
  const parts = told[name];
  return isJsonObject(parts) ? count(parts, part) : 0;
}
