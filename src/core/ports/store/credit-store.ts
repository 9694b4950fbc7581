import type { Delivery } from '../../webhooks/delivery.js';
import type { CreditMark, CreditMovement } from '../../run/credits.js';

export interface CreditAccount {
  readonly organizationId: string;
  readonly monthlyLimit: number;
  readonly reserved: number;
  /** What was used in `month`; earlier months are in the ledger only. */
  readonly used: number;
  readonly month: string;
  /** What is left of top-ups. */
  readonly toppedUp: number;
  /** What top-ups have paid for in `month`. */
  readonly drawn: number;
  /** The highest mark that others were told of in `month`; 0 for none. */
  readonly told: number;
}

/** That an account has come to a mark, with what it is then. */
export interface ReachedMark {
  readonly account: CreditAccount;
  readonly mark: CreditMark;
  readonly at: number;
}

/**
 * Says what others are to be told of it: kept in the commit that reaches the mark. May be called again for a commit
 * that is tried again, so it must have no other effect.
 */
export type TellMark = (reached: ReachedMark) => readonly Delivery[];

export interface SetLimitParams {
  readonly organizationId: string;
  readonly monthlyLimit: number;
  readonly month: string;
  /** Nobody is told of marks that the account comes to by it when not given. */
  readonly tells?: { readonly at: number; readonly tellMark: TellMark } | undefined;
}

export interface ListMovementsParams {
  readonly organizationId: string;
  readonly limit: number;
  readonly offset: number;
  /** Only movements with a lower id, which is to say older ones. */
  readonly beforeId?: string;
}

/** Accounts and their ledger; movements of runs are written by `RunStore.commit`. */
export interface CreditStore {
  getAccount(params: { readonly organizationId: string }): Promise<CreditAccount | null>;
  setLimit(params: SetLimitParams): Promise<void>;
  /** Writes a movement that is of no run. Throws `conflict` when it has been made before. */
  topUp(movement: CreditMovement): Promise<void>;
  /** Newest first. */
  listMovements(params: ListMovementsParams): Promise<CreditMovement[]>;
}
