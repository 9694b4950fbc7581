import { mapLimit } from '../crawl/pool.js';
import type { Reference } from '../references.js';
import type { SiteClient } from '../crawl/site-client.js';

const REQUESTS_AT_A_TIME = 2;
/** Where a server doesn't say how long its answer is, it is read up to here. */
const MAX_READ_BYTES = 5 * 1024 * 1024;

export interface Weight {
  /** As transferred where the server says so; null when the resource could not be had. */
  readonly bytes: number | null;
  /** True when the answer says how long it may be kept, or carries what to revalidate it with. */
  readonly cacheable: boolean;
}

/** Weighs what is not in `weights` yet, and puts it there. */
export async function readWeights(
  client: SiteClient,
  references: readonly Reference[],
  weights: Map<string, Weight>,
): Promise<void> {
  const urls = [...new Set(references.map(({ url }) => url))].filter((url) => !weights.has(url));
  await mapLimit(urls, REQUESTS_AT_A_TIME, async (url) => {
    weights.set(url, await weigh(client, url));
  });
}

async function weigh(client: SiteClient, url: string): Promise<Weight> {
  try {
    const { status, headers } = await client.head(url);
    if (status >= 400) return { bytes: null, cacheable: true };
    const length = headers.get('content-length');
    const bytes = length === null ? (await client.get(url, MAX_READ_BYTES)).body.length : Number(length);
    const cacheable = ['cache-control', 'expires', 'etag', 'last-modified'].some((name) => headers.has(name));
    return { bytes, cacheable };
  } catch {
    client.assertGoing();
    return { bytes: null, cacheable: true };
  }
}
