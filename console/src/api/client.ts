import { ErrandClient } from '@api/client/client.js';
import { ErrandError } from '@core/errors.js';
import { text } from '../text/en.js';
import { parseJson } from './long-json/parse-json.js';

/** The console's own address, without a slash at the end. */
export const consoleUrl = new URL('.', document.baseURI).href.replace(/\/$/, '');
/** The server's. */
export const serverUrl = consoleUrl.replace(/\/console$/, '');

/** No form and no page of another site can send it: see `src/http/console/authenticate-page.ts`. */
export const PAGE_HEADERS = { 'x-errand-console': '1' };

export const client = new ErrandClient({ url: consoleUrl, apiKey: null, headers: PAGE_HEADERS, parseJson });

export function isSignedOut(error: unknown): boolean {
  return error instanceof ErrandError && error.code === 'unauthenticated';
}

/** What an error says to people. */
export function messageOf(error: unknown): string {
  // What the client says then is for who runs a command.
  if (error instanceof ErrandError && error.cause instanceof TypeError) return text.common.unreachable;
  return error instanceof Error ? error.message : String(error);
}
