import type { SecretKind, SecretSource } from '../../core/ports/secrets.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { InOrganization } from './in-organization.js';

/** A secret as it is shown: never its value. */
export interface SecretView {
  readonly name: string;
  /** Where its value is; null: nowhere yet. */
  readonly source: SecretSource | null;
  /** Of one that is kept by this server. */
  readonly updatedAt: number | null;
  readonly kind: SecretKind;
  /** How many earlier values runs under way may still use. */
  readonly earlier: number;
  /** The workflows that name it. */
  readonly workflows: readonly string[];
}

export interface OneSecretParams extends InOrganization {
  readonly name: string;
  /** For all organizations, which operators may set. */
  readonly forAll?: boolean;
}

export interface SetSecretParams extends OneSecretParams {
  /** For the kinds of OAuth 2: JSON of the credentials. */
  readonly value: string;
  /** `value` when not given. */
  readonly kind?: SecretKind;
  /** Whether runs under way keep the value that is replaced. */
  readonly keepOld?: boolean;
}

/** What workflows use and nobody sees. Each call needs the scope `manage`. */
export interface SecretServices {
  /** Those that are kept for the organization, and those that workflows name, by name. */
  listSecrets(caller: Principal, params: InOrganization): Promise<readonly SecretView[]>;
  /** Replaces the value where there is one. */
  setSecret(caller: Principal, params: SetSecretParams): Promise<SecretView>;
  removeSecret(caller: Principal, params: OneSecretParams): Promise<void>;
}
