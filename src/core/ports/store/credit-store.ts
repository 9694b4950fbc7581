import type { CreditMovement } from '../../run/credits.js';

export interface CreditAccount {
  readonly organizationId: string;
  readonly monthlyLimit: number;
  readonly reserved: number;
  /** What was used in `month`; earlier months are in the ledger only. */
  readonly used: number;
  readonly month: string;
}

export interface SetLimitParams {
  readonly organizationId: string;
  readonly monthlyLimit: number;
  readonly month: string;
}

export interface ListMovementsParams {
  readonly organizationId: string;
  readonly limit: number;
  readonly offset: number;
  /** Only movements with a lower id, which is to say older ones. */
  readonly beforeId?: string;
}

export interface CreditStore {
  getAccount(params: { readonly organizationId: string }): Promise<CreditAccount | null>;
  setLimit(params: SetLimitParams): Promise<void>;
  /**
   * Writes the movement into the ledger and its deltas into the account. With `requireAvailable`, only if at least that much is
   * available at that moment (false, and nothing written, otherwise): checked and written as one, under any concurrency.
   */
  move(movement: CreditMovement, requireAvailable?: number): Promise<boolean>;
  /** Newest first. */
  listMovements(params: ListMovementsParams): Promise<CreditMovement[]>;
}
