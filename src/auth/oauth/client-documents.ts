import { errorMessage } from '../../core/errors.js';
import type { Json, JsonObject } from '../../core/json.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { RateLimiter } from '../../core/ports/rate-limiter.js';
import { readClientMetadata, type Client } from './client-metadata.js';
import { REDIRECTS_BESIDE_DOCUMENTS } from './pinned-documents.js';
import { readSigning } from './signing.js';

/** Fetches the text of a client's document. Rejects when it cannot be had; the reason is for the log alone. */
export type FetchDocument = (url: URL) => Promise<string>;

export type FoundClient =
  | { readonly kind: 'client'; readonly client: Client }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number };

const MAX_URL_LENGTH = 500;
const KEEP_MS = 3_600_000;
/** A document that could not be had is asked for again only then. */
const KEEP_FAILURE_MS = 30_000;
const MAX_KEPT = 500;

interface Kept {
  readonly found: FoundClient;
  readonly until: number;
}

/**
 * One answer for all that goes wrong on the way: a name that does not resolve, an address that no request goes to, a
 * server that refuses. Whoever asks learns nothing of the network that this server is in.
 */
const UNREACHABLE: FoundClient = {
  kind: 'refused',
  message: "The client's metadata document cannot be fetched from the address that is its client_id.",
};

/** Clients whose id is the address of a document about them (draft-ietf-oauth-client-id-metadata-document). */
export class ClientDocuments {
  readonly #fetch: FetchDocument;
  readonly #pinned: ReadonlyMap<string, Json>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #logger: Logger;
  /** By the address of who asks, and by the host that is asked. */
  readonly #limits: { readonly caller: RateLimiter; readonly host: RateLimiter };
  readonly #kept = new Map<string, Kept>();
  readonly #fetching = new Map<string, Promise<FoundClient>>();

  constructor(params: {
    readonly fetch: FetchDocument;
    /** Documents of known hosts, by their address, for when they cannot be fetched. */
    readonly pinned: ReadonlyMap<string, Json>;
    readonly clock: Pick<Clock, 'now'>;
    readonly logger: Logger;
    readonly limits: { readonly caller: RateLimiter; readonly host: RateLimiter };
  }) {
    this.#fetch = params.fetch;
    this.#pinned = params.pinned;
    this.#clock = params.clock;
    this.#logger = params.logger;
    this.#limits = params.limits;
  }

  async find(id: string, callerAddress: string): Promise<FoundClient> {
    const url = readDocumentUrl(id);
    if (url === null) {
      return {
        kind: 'refused',
        message: 'A client_id that is an address must be https, with a path and nothing behind it.',
      };
    }
    const kept = this.#kept.get(id);
    if (kept !== undefined && kept.until > this.#clock.now()) return kept.found;
    const under = this.#fetching.get(id);
    if (under !== undefined) return under;
    // Who asks too often uses up nothing of what others may ask of the host.
    const byCaller = this.#limits.caller.take(callerAddress);
    const taken = byCaller.ok ? this.#limits.host.take(url.hostname) : byCaller;
    if (!taken.ok) return { kind: 'busy', retryAfterSeconds: taken.retryAfterSeconds };
    const fetching = this.#load(id, url).finally(() => this.#fetching.delete(id));
    this.#fetching.set(id, fetching);
    return fetching;
  }

  async #load(id: string, url: URL): Promise<FoundClient> {
    const fetched = await this.#fetchJson(url);
    const json = fetched ?? this.#pinned.get(id) ?? null;
    const found = json === null ? UNREACHABLE : readDocument(id, url, json);
    this.#keep(id, found, fetched === null && json === null ? KEEP_FAILURE_MS : KEEP_MS);
    return found;
  }

  async #fetchJson(url: URL): Promise<Json | null> {
    try {
      return JSON.parse(await this.#fetch(url)) as Json;
    } catch (error) {
      const { host } = url;
      this.#logger.info({ host, error: errorMessage(error) }, 'The metadata document of a client cannot be fetched');
      return null;
    }
  }

  #keep(id: string, found: FoundClient, forMs: number): void {
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= MAX_KEPT) this.#kept.delete(oldest);
    this.#kept.delete(id);
    this.#kept.set(id, { found, until: this.#clock.now() + forMs });
  }
}

export function isDocumentId(id: string): boolean {
  return id.startsWith('https://');
}

/** The address is compared as text, so it must be in the one form that it has. */
function readDocumentUrl(id: string): URL | null {
  if (id.length > MAX_URL_LENGTH || !URL.canParse(id)) return null;
  const url = new URL(id);
  const isPlain = url.protocol === 'https:' && url.username === '' && url.password === '' && !id.includes('#');
  return isPlain && url.pathname !== '/' && url.search === '' && url.href === id ? url : null;
}

function readDocument(id: string, url: URL, json: Json): FoundClient {
  const read = readClientMetadata(json, url.hostname);
  if (read.kind === 'refused')
    return { kind: 'refused', message: `The client's metadata document is wrong. ${read.message}` };
  if ((json as { readonly client_id?: Json }).client_id !== id) {
    return { kind: 'refused', message: "The client's metadata document names another client_id than its address." };
  }
  const ways = readSigning(json as JsonObject);
  if (ways.kind === 'refused') return ways;
  const signing = ways.kind === 'signing' ? ways.signing : null;
  const redirectUris = [...read.redirectUris, ...(REDIRECTS_BESIDE_DOCUMENTS.get(id) ?? [])];
  return { kind: 'client', client: { id, name: read.name, redirectUris, signing, source: 'document' } };
}
