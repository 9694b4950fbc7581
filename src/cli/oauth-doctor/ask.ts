import { errorMessage } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';

const TIME_OUT_MS = 15_000;
const MAX_CHARACTERS = 500_000;

/** What came back, whatever it was. */
export interface Reply {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Null when the body is no JSON object. */
  readonly json: JsonObject | null;
  readonly ms: number;
}

export type Fetch = typeof fetch;

/**
 * Asks as a host does, but follows no redirect: where one leads is told instead. Null, with what went wrong, when
 * nothing came back.
 */
export async function ask(
  fetchIt: Fetch,
  url: string,
  init: RequestInit = {},
): Promise<{ readonly reply: Reply; readonly failure: null } | { readonly reply: null; readonly failure: string }> {
  const begun = performance.now();
  try {
    const response = await fetchIt(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIME_OUT_MS) });
    const text = (await response.text()).slice(0, MAX_CHARACTERS);
    const { status, headers } = response;
    const ms = Math.round(performance.now() - begun);
    return { reply: { url, status, headers, text, json: parseObject(text), ms }, failure: null };
  } catch (error) {
    return { reply: null, failure: describeFailure(error) };
  }
}

function describeFailure(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${TIME_OUT_MS / 1_000} s`;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? errorMessage(error) : `${errorMessage(error)}: ${errorMessage(cause)}`;
}

function parseObject(text: string): JsonObject | null {
  try {
    const json = JSON.parse(text) as Json;
    return isJsonObject(json) ? json : null;
  } catch {
    return null;
  }
}

/** A few words of a body, for a message. */
export function excerpt({ text }: Reply): string {
  const words = text
    .replaceAll(/<(?:style|script|title)[\s\S]*?<\/(?:style|script|title)>/gi, ' ')
    .replaceAll(/<[^>]{0,1000}>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ')
    .trim();
  return words.length > 160 ? `${words.slice(0, 160)}…` : words;
}
