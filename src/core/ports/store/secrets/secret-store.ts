import type { Sealed } from '../../secret-box.js';

export interface SecretPlace {
  /** Null: for all organizations. */
  readonly organizationId: string | null;
  readonly name: string;
}

/** A value that workflows use, sealed: whoever reads the store cannot read it. */
export interface StoredSecret extends SecretPlace {
  readonly sealed: Sealed;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface SecretStore {
  /** Replaces the value where there is one; keeps when it was made. */
  save(secret: StoredSecret): Promise<void>;
  get(params: SecretPlace): Promise<StoredSecret | null>;
  /** By name. */
  list(params: Pick<SecretPlace, 'organizationId'>): Promise<StoredSecret[]>;
  /** False when there is none. */
  delete(params: SecretPlace): Promise<boolean>;
}
