import { createHash, randomBytes } from 'node:crypto';

/** A page of the authorization server, as a browser has it. */
export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** Where it redirects to; null when it shows something. */
  readonly location: URL | null;
}

interface FetchInit {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/**
 * Who signs in: a browser with its cookies, and somebody with a key. Redirects are not followed, as they lead to the
 * client.
 */
export class Person {
  readonly #key: string;
  #cookie: string | null = null;

  constructor(key: string) {
    this.#key = key;
  }

  async open(url: URL | string): Promise<Page> {
    return await this.#fetch(url, {});
  }

  /** Presses a button of a page's form, with the fields that are given filled in. */
  async press(page: Page, decision: string, fields: Record<string, string> = {}, headers = {}): Promise<Page> {
    const action = unescape(/<form method="post" action="([^"]+)"/.exec(page.html)?.[1] ?? '');
    const request = unescape(/name="request" value="([^"]+)"/.exec(page.html)?.[1] ?? '');
    const body = new URLSearchParams({ request, decision, ...fields }).toString();
    const origin = new URL(action).origin;
    const sent = { 'content-type': 'application/x-www-form-urlencoded', origin, 'sec-fetch-site': 'same-origin' };
    return await this.#fetch(action, { method: 'POST', body, headers: { ...sent, ...headers } });
  }

  async signIn(page: Page): Promise<Page> {
    return await this.press(page, 'continue', { key: this.#key });
  }

  /** From the address that a client opens to the one that it is called back at. */
  async consent(url: URL | string): Promise<URL> {
    const asked = await this.signIn(await this.open(url));
    const { location } = await this.press(asked, 'allow');
    if (location === null) throw new Error(`there was no way back: ${asked.html}`);
    return location;
  }

  async #fetch(url: URL | string, { headers: sent, ...init }: FetchInit): Promise<Page> {
    const cookie = this.#cookie === null ? {} : { cookie: this.#cookie };
    const response = await fetch(url, { ...init, headers: { ...sent, ...cookie }, redirect: 'manual' });
    const set = response.headers.get('set-cookie');
    if (set !== null) this.#cookie = set.split(';')[0] ?? null;
    const location = response.headers.get('location');
    const { status, headers } = response;
    return { status, headers, html: await response.text(), location: location === null ? null : new URL(location) };
  }
}

function unescape(text: string): string {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
}

export function newPkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
