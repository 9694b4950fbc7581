import type { ApiNewHook } from '../../src/api/hook-types.js';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: { readonly [name: string]: unknown };
}

/** As other programs do. */
export async function send(
  hook: Pick<ApiNewHook, 'url'>,
  body: string | Uint8Array<ArrayBuffer> | undefined,
  headers: { readonly [name: string]: string } = { 'content-type': 'application/json' },
  query = '',
): Promise<Answer> {
  const response = await fetch(hook.url + query, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, text, body: isJson ? (JSON.parse(text) as Answer['body']) : {} };
}
