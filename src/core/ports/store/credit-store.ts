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

/** Accounts and their ledger; movements are written by `RunStore.commit`. */
export interface CreditStore {
  getAccount(params: { readonly organizationId: string }): Promise<CreditAccount | null>;
  setLimit(params: SetLimitParams): Promise<void>;
  /** Newest first. */
  listMovements(params: ListMovementsParams): Promise<CreditMovement[]>;
}
