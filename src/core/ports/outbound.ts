/**
 * Where requests may go. `any`: everywhere but to link-local addresses and those at which clouds tell credentials.
 * `public`: only to hosts on the internet. Either way also to what the operator has listed.
 */
export const HOST_RANGES = ['public', 'any'] as const;
export type HostRange = (typeof HOST_RANGES)[number];

/** As of `fetch`, and where the request may go. */
export interface OutboundInit {
  readonly method?: string;
  readonly headers?: NonNullable<RequestInit['headers']>;
  readonly body?: NonNullable<RequestInit['body']> | null;
  readonly redirect?: NonNullable<RequestInit['redirect']>;
  readonly signal?: AbortSignal | null;
  /** Those of the server when not given; `public` is never widened by them. */
  readonly hosts?: HostRange;
}

/**
 * `fetch` for whatever this server asks of others. The host's name is looked up once, every address that it has is
 * checked, and what was checked is connected to; again on every redirect. A redirect to another origin drops every
 * header that was given. Neither the answer's headers nor its body have a time limit of their own. A compressed body
 * that ends too early is an error. Rejects with a ForbiddenAddress.
 */
export type OutboundFetch = (url: string | URL, init?: OutboundInit) => Promise<Response>;

/** How this process reaches others. */
export interface Outbound {
  readonly fetch: OutboundFetch;
}

/** A request that was not sent because of where it would have gone. Fails a node with this kind, for good. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
  readonly kind = 'forbidden_address';
  readonly retryable = false;
  /** The host, and what it is. */
  readonly what: string;
  /** Whether only the range of the request stands against it. */
  readonly isInternal: boolean;

  constructor(what: string, isInternal: boolean) {
    const why = isInternal ? 'this request may go to public ones only' : 'no request goes there';
    super(`${what}: ${why}, unless ERRAND_OUTBOUND_ALLOW names the host`);
    this.what = what;
    this.isInternal = isInternal;
  }
}

/** An answer whose compressed body ended too early, or was none. Fails a node with this kind. */
export class BrokenBody extends Error {
  override readonly name = 'BrokenBody';
  readonly kind = 'invalid_response';

  constructor(cause: unknown) {
    super('the compressed body of the answer is cut off or broken', { cause });
  }
}
