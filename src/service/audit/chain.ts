import type { Json } from '../../core/json.js';
import { hashEntry } from '../../core/audit/chain-entry.js';
import { type AuditEntry, FIRST_HASH } from '../../core/tenant/audit.js';
import type { TrailCheck, TrailHead } from '../interface/audit.js';

/** The action under which entries that are too old are taken out: what it leaves tells up to which, and their hash. */
export const EXPIRE = 'audit.expire';

/** Goes along a trail from its oldest entry, and says where it is broken. */
export class TrailChecker {
  readonly #known: TrailHead | null;
  readonly #faults: string[] = [];
  #count = 0;
  #first: AuditEntry | null = null;
  #last: AuditEntry | null = null;
  #sawKnown = false;
  /** What the entries before the oldest ended with, as the trail itself says. */
  readonly #expired = new Map<number, string>();

  /** `known`: a head that the trail had earlier. */
  constructor(known: TrailHead | null) {
    this.#known = known;
  }

  add(entry: AuditEntry): void {
    const last = this.#last;
    this.#count += 1;
    this.#first ??= entry;
    this.#last = entry;
    if (hashEntry(entry) !== entry.hash) this.#faults.push(`Entry ${entry.seq} was changed: its hash is another.`);
    if (last !== null && entry.seq !== last.seq + 1) {
      this.#faults.push(`Entries are missing between ${last.seq} and ${entry.seq}.`);
    } else if (last !== null && entry.previousHash !== last.hash) {
      this.#faults.push(`Entry ${entry.seq} does not follow on entry ${last.seq}: its hash of that is another.`);
    }
    if (entry.seq === this.#known?.seq) {
      this.#sawKnown = true;
      if (entry.hash !== this.#known.hash) this.#faults.push(`Entry ${entry.seq} is not the one that it was.`);
    }
    if (entry.action === EXPIRE) this.#noteExpired(entry.after);
  }

  end(): TrailCheck {
    const first = this.#first;
    const last = this.#last;
    if (first !== null && !this.#beginsRight(first)) {
      this.#faults.push(`Entries before ${first.seq} are missing, and the trail does not say that they expired.`);
    }
    const known = this.#known;
    const isGone = known !== null && !this.#sawKnown && (first === null || known.seq >= first.seq);
    if (isGone) this.#faults.push(`Entry ${known.seq}, which the trail once ended with, is missing.`);
    return {
      entries: this.#count,
      first: first?.seq ?? null,
      head: last === null ? null : { seq: last.seq, hash: last.hash },
      faults: this.#faults,
    };
  }

  #beginsRight({ seq, previousHash }: AuditEntry): boolean {
    return seq === 1 ? previousHash === FIRST_HASH : this.#expired.get(seq - 1) === previousHash;
  }

  #noteExpired(after: Json): void {
    const told = after as { readonly up_to?: number; readonly hash?: string } | null;
    if (told?.up_to !== undefined && told.hash !== undefined) this.#expired.set(told.up_to, told.hash);
  }
}
