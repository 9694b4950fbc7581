import { isJsonObject, type Json } from '../core/json.js';
import type { SdkFinish } from './sdk.js';

/** Under this name the refusal stands in the metadata of an answer. */
const KEY = 'errand';

/**
 * Keeps what servers of unknown making say in OpenAI's `refusal`, which the SDK drops for them: a gateway to OpenAI would seem to have answered
 * nothing at all.
 */
export const REFUSALS = {
  extractMetadata: ({ parsedBody }: { readonly parsedBody: unknown }) =>
    Promise.resolve(metadataOf(refusalIn(parsedBody, 'message'))),
  createStreamExtractor: () => {
    let refusal = '';
    return {
      processChunk: (chunk: unknown): void => {
        refusal += refusalIn(chunk, 'delta');
      },
      buildMetadata: () => metadataOf(refusal),
    };
  },
};

/** The refusal that was kept with an answer; empty when there was none. */
export function keptRefusal(metadata: SdkFinish['providerMetadata']): string {
  const kept = metadata?.[KEY]?.['refusal'];
  return typeof kept === 'string' ? kept : '';
}

function metadataOf(refusal: string): { [KEY]: { refusal: string } } | undefined {
  return refusal === '' ? undefined : { [KEY]: { refusal } };
}

function refusalIn(body: unknown, field: 'message' | 'delta'): string {
  const choices = isJsonObject(body) ? body['choices'] : undefined;
  const [choice] = Array.isArray(choices) ? (choices as Json[]) : [];
  const said = choice !== undefined && isJsonObject(choice) ? choice[field] : undefined;
  const refusal = said !== undefined && isJsonObject(said) ? said['refusal'] : undefined;
  return typeof refusal === 'string' ? refusal : '';
}
