import type { Json } from '../../json.js';
import type { Question } from '../../run/node-execution.js';
import type { AuditFact } from '../../tenant/audit.js';
import type { BegunDrive, RunKey } from './run-store.js';

/** A run that a call wants. */
export interface WantedRun extends RunKey {
  /** Only as long as its epoch is still this one; null: whatever it is. */
  readonly epoch: number | null;
}

export interface HeldRun extends RunKey {
  readonly epoch: number;
}

export interface ClaimParams {
  /** The id of the call: of an engine that many processes share. */
  readonly call: string;
  readonly wanted: readonly WantedRun[];
}

/**
 * Which call drives which run, where many processes share the records: a run is one call's from its claim until it is
 * given back, and whoever had it before is superseded.
 */
export interface DriveStore {
  /**
   * Takes up those of the runs that go on, and that no other call has. What the same call has already is taken up
   * again: its process died, and that counts as a crash, unless it said that it lost the call alone (`part`).
   */
  claim(params: ClaimParams): Promise<BegunDrive[]>;
  /** Takes up again a run that the call has, for the process that drives it by this epoch; null for any other. */
  claimAgain(params: RunKey & { readonly call: string; readonly epoch: number }): Promise<BegunDrive | null>;
  /** Gives runs back; null where a run does not go on by itself. */
  release(params: {
    readonly call: string;
    readonly runs: readonly { readonly runId: string; readonly wakeAt: number | null }[];
  }): Promise<void>;
  /** Runs that no call has, and that should have gone on before this moment. */
  listOverdue(params: {
    readonly before: number;
    readonly afterId: string | null;
    readonly limit: number;
  }): Promise<RunKey[]>;
  /** Says that the process goes on with these runs, but has lost the call: somebody else may be given it. */
  part(params: { readonly call: string; readonly runIds: readonly string[] }): Promise<void>;
  /** Those of the runs that go on and are still the call's that each is named with, with their epochs. */
  listHeld(params: { readonly runs: readonly { readonly call: string; readonly runId: string }[] }): Promise<HeldRun[]>;
  /** The calls that have runs which go on. */
  listCalls(): Promise<string[]>;
  /** Gives back all runs of a call that nobody makes again. */
  abandon(params: { readonly call: string }): Promise<RunKey[]>;
  /** Runs that have not begun and that no call has, oldest first. */
  listUnclaimed(params: { readonly limit: number }): Promise<RunKey[]>;
}

/** What is said to a run, whichever process drives it. */
export type MailBody =
  | { readonly kind: 'cancel'; readonly reason: string; readonly audit?: AuditFact | undefined }
  | {
      readonly kind: 'answer';
      readonly nodeId: string;
      readonly question: Question;
      readonly answer: Json;
      readonly audit?: AuditFact | undefined;
    }
  /** A run that it has started is not as it was, or there is an event for it. */
  | { readonly kind: 'look' }
  /** The run that started it may not wait for it any more. */
  | { readonly kind: 'orphaned' };

export interface Mail extends RunKey {
  /** UUIDv7, or what names the commit that it came with. */
  readonly id: string;
  readonly at: number;
  readonly body: MailBody;
  /** Whether a driver was given it that did not come to settle it. */
  readonly isRepeated: boolean;
}

/**
 * The inbox of runs: mail stays until it is settled, whatever dies meanwhile. With the commit that ends a run, and in no
 * other way, come a `look` to the run that started it and an `orphaned` to those that it has started.
 */
export interface MailStore {
  send(mail: readonly Omit<Mail, 'isRepeated'>[]): Promise<void>;
  /** What is not settled, oldest first: to these runs, or (null) to any. */
  list(params: { readonly runIds: readonly string[] | null; readonly limit: number }): Promise<Mail[]>;
  /** Before a driver is given it; and after, where it turns out not to have been. */
  markGiven(params: { readonly ids: readonly string[]; readonly isGiven: boolean }): Promise<void>;
  /** Says what came of it, for whoever sent it. What was said first holds. */
  settle(params: { readonly id: string; readonly verdict: string }): Promise<void>;
  /** What came of it; null when that is not known yet, undefined when there is no such mail. */
  findVerdict(params: { readonly id: string }): Promise<string | null | undefined>;
  /** Takes it back, or away. */
  remove(params: { readonly ids: readonly string[] }): Promise<void>;
  /** Removes what was settled and nobody asked for. */
  purge(params: { readonly before: number }): Promise<void>;
}
