import type { Json } from '../core/json.js';

/** One change by a person, a key or the server. */
export interface ApiAuditEntry {
  readonly organization_id: string;
  /** From 1, without gaps. */
  readonly seq: number;
  readonly at: string;
  readonly actor: {
    readonly kind: 'key' | 'grant' | 'server';
    readonly id: string | null;
    readonly organization_id: string;
  };
  /** The address that the call came from. */
  readonly from: string | null;
  readonly action: string;
  readonly target: { readonly kind: string; readonly id: string };
  readonly before: Json;
  readonly after: Json;
  readonly previous_hash: string;
  /** SHA-256, hex, of the rest as JSON with sorted keys and without blanks. */
  readonly hash: string;
}

export interface ApiTrailCheck {
  readonly intact: boolean;
  readonly entries: number;
  /** The number of the oldest entry. */
  readonly first: number | null;
  /** What the trail ends with, as `<seq>:<hash>`: kept elsewhere, it shows later whether the end is missing. */
  readonly head: string | null;
  /** What is wrong, in sentences. */
  readonly faults: readonly string[];
}
