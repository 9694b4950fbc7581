import type { SecretKind } from '../../secrets.js';
import type { Sealed } from '../../secret-box.js';

/** A value that runs use which had begun before it was replaced. */
export interface EarlierSecret {
  readonly kind: SecretKind;
  readonly sealed: Sealed;
  readonly replacedAt: number;
}

export interface SecretPlace {
  /** Null: for all organizations. */
  readonly organizationId: string | null;
  readonly name: string;
}

/** A value that workflows use, sealed: whoever reads the store cannot read it. */
export interface StoredSecret extends SecretPlace {
  readonly kind: SecretKind;
  readonly sealed: Sealed;
  /** Oldest first. */
  readonly earlier: readonly EarlierSecret[];
  readonly createdAt: number;
  /** When somebody set it; a renewal does not count. */
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
