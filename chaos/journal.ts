import { appendFileSync } from 'node:fs';
import type { Json } from '../src/core/json.js';

/** Microseconds of the machine's monotonic clock: the same for every process, and it never jumps. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** A run as one answer showed it. */
export interface Observation {
  readonly what: 'seen';
  /** When the question was sent, and when the answer was there. */
  readonly sent: number;
  readonly at: number;
  readonly run: string;
  readonly status: string;
  readonly terminal: boolean;
  readonly version: number;
  /** All that may not change once the run has ended, as text; null while it goes on. */
  readonly end: string | null;
  readonly nodes: readonly {
    readonly id: string;
    readonly status: string;
    readonly progress: number;
    readonly attempt: number;
  }[];
}

/** What the driver was told, and nothing that it was not told. Run ids are bare UUIDs. */
export type Acknowledgement =
  | Observation
  | {
      readonly what: 'accepted';
      readonly at: number;
      readonly run: string;
      readonly key: string;
      readonly workflow: string;
      readonly input: unknown;
      /** The ended run whose work it does again, as it was seen; null for a run that does nobody's. */
      readonly again: Again | null;
      /** Which time the key was sent. */
      readonly sending: number;
      /** Whether an address of its own is to be told of it. */
      readonly hasCallback: boolean;
    }
  /** What became of each run of a batch, in the order in which it was sent; `run`: the first of them. */
  | {
      readonly what: 'batch';
      readonly at: number;
      readonly run: string;
      readonly keys: readonly string[];
      readonly runs: readonly (string | null)[];
      readonly outcomes: readonly string[];
    }
  /** An event that was sent to a run. */
  | { readonly what: 'event'; readonly at: number; readonly run: string; readonly data: Json }
  /** The version that the cancelled run was answered with. */
  | { readonly what: 'cancelled'; readonly at: number; readonly run: string; readonly version: number }
  /**
   * Before a retry is sent, as it may take effect without an answer: how the run was seen to have ended, and how many
   * calls were sent at once.
   */
  | {
      readonly what: 'retrying';
      readonly at: number;
      readonly run: string;
      readonly version: number;
      readonly calls: number;
    }
  /** The version that the retried run was answered with. */
  | { readonly what: 'retried'; readonly at: number; readonly run: string; readonly version: number }
  | {
      readonly what: 'answered';
      readonly at: number;
      readonly run: string;
      readonly node: string;
      readonly answer: number;
    }
  /** The log up to an event, digested. */
  | { readonly what: 'log'; readonly at: number; readonly run: string; readonly seq: number; readonly digest: string }
  /** Items of a map that had ended, and the events that say so. */
  | {
      readonly what: 'items';
      readonly at: number;
      readonly run: string;
      readonly node: string;
      readonly ended: readonly { readonly index: number; readonly seq: number }[];
    };

/** A rerun: of which run, at which version of it, from which node (null: from the start). */
export interface Again {
  readonly run: string;
  readonly version: number;
  readonly from: string | null;
}

/** One line of the journal that the handlers write. */
export interface Execution {
  readonly what: 'start' | 'end' | 'fail';
  readonly at: number;
  readonly run: string;
  readonly node: string;
  readonly item: number | null;
  readonly key: string;
  readonly attempt: number;
  readonly token: string;
  readonly from: unknown;
}

export class Journal {
  readonly entries: Acknowledgement[] = [];
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  note(entry: Acknowledgement): void {
    this.entries.push(entry);
    appendFileSync(this.#path, `${JSON.stringify(entry)}\n`);
  }
}
