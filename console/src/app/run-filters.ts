import { RUN_STATUSES, type RunStatus } from '@core/run/run.js';

/** How far back runs are looked for, in milliseconds. */
export const SPANS = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000 } as const;
export type Span = keyof typeof SPANS;

/** What the address of the list says. */
export interface RunFilters {
  readonly status?: RunStatus;
  readonly workflow?: string;
  readonly since?: Span;
  /** RFC 3339; both instead of `since`. */
  readonly from?: string;
  readonly to?: string;
  /** Runs that have all of them. */
  readonly tag?: string;
  /** `input.customer.id=17`. */
  readonly field?: string;
  /** The run that the page comes after. */
  readonly before?: string;
}

let last: RunFilters = {};

/** As the list was filtered when it was shown last, since the page was loaded. */
export const lastFilters = (): RunFilters => last;

export function keepFilters(filters: RunFilters): void {
  last = filters;
}

const TEXTS = ['workflow', 'from', 'to', 'tag', 'field', 'before'] as const;

/** What somebody has put into the address that makes no sense is passed over. */
export function readFilters(search: Record<string, unknown>): RunFilters {
  const status = RUN_STATUSES.find((known) => known === search['status']);
  const since = (Object.keys(SPANS) as Span[]).find((known) => known === search['since']);
  const texts = TEXTS.flatMap((name) => {
    const value = search[name];
    // An address writes a number as one.
    return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [];
  });
  return {
    ...(status === undefined ? {} : { status }),
    ...(since === undefined ? {} : { since }),
    ...(Object.fromEntries(texts) as { readonly [Name in (typeof TEXTS)[number]]?: string }),
  };
}
