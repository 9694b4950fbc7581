import { isJsonObject, type Json } from '../../core/json.js';
import type { SdkFinish } from './sdk.js';

/** Under this name the refusal stands in the metadata of an answer. */
const KEY = 'errand';

/**
 * Keeps what servers of unknown making say in OpenAI's `refusal`, which the SDK drops for them: a gateway to OpenAI
 * would seem to have answered nothing at all.
 */
export const REFUSALS = {
  extractMetadata: ({ parsedBody }: { readonly parsedBody: unknown }) =>
    Promise.resolve(toMetadata(refusalIn(parsedBody, 'message'))),
  createStreamExtractor: () => {
    let refusal = '';
    return {
      processChunk: (chunk: unknown): void => {
        refusal += refusalIn(chunk, 'delta');
      },
      buildMetadata: () => toMetadata(refusal),
    };
  },
};

/**
 * What was said when an answer was refused, where that is no part of the answer: what was kept of it above, or how
 * Google tells it. Empty when there was none.
 */
export function readRefusal({ finishReason, providerMetadata: metadata }: SdkFinish): string {
  const kept = metadata?.[KEY]?.['refusal'];
  if (typeof kept === 'string') return kept;
  if (finishReason.unified !== 'content-filter') return '';
  const feedback = metadata?.['google']?.['promptFeedback'];
  const blocked = isJsonObject(feedback) ? feedback['blockReason'] : undefined;
  return typeof blocked === 'string' ? `the prompt is blocked (${blocked})` : readFinishMessage(metadata);
}

/** Why Google's model stopped, in words; empty when they are not told. */
export function readFinishMessage(metadata: SdkFinish['providerMetadata']): string {
  const message = metadata?.['google']?.['finishMessage'];
  return typeof message === 'string' ? message : '';
}

function toMetadata(refusal: string): { [KEY]: { refusal: string } } | undefined {
  return refusal === '' ? undefined : { [KEY]: { refusal } };
}

function refusalIn(body: unknown, field: 'message' | 'delta'): string {
  const choices = isJsonObject(body) ? body['choices'] : undefined;
  const [choice] = Array.isArray(choices) ? (choices as Json[]) : [];
  const said = choice !== undefined && isJsonObject(choice) ? choice[field] : undefined;
  const refusal = said !== undefined && isJsonObject(said) ? said['refusal'] : undefined;
  return typeof refusal === 'string' ? refusal : '';
}
