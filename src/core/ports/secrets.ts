/** Where a secret's value is: in the store, for one organization or for all; in a file; in the environment. */
export const SECRET_SOURCES = ['organization', 'all', 'file', 'environment'] as const;
export type SecretSource = (typeof SECRET_SOURCES)[number];

/**
 * `value`: what workflows use is what was set. The others are credentials of OAuth 2, for which workflows use access
 * tokens that are renewed before they expire.
 */
export const SECRET_KINDS = ['value', 'oauth2_client_credentials', 'oauth2_refresh_token'] as const;
export type SecretKind = (typeof SECRET_KINDS)[number];
export type OAuthSecretKind = Exclude<SecretKind, 'value'>;

export interface SecretsParams {
  readonly organizationId: string;
  readonly names: readonly string[];
  /** Those of the organization, and none that are for all. */
  readonly onlyOwn?: boolean;
  /** When the run began that uses them: it has the value of that time where that was to be kept for it. Absent: now. */
  readonly since?: number;
  /** Leaves out those that are first to be asked of another server. */
  readonly withoutRenewal?: boolean;
  /** Is told of what stands behind a value and must not leave either. */
  readonly onHidden?: (secret: { readonly name: string; readonly value: string }) => void;
}

/** The values of secrets. */
export interface Secrets {
  /**
   * By name; those that are not set are absent. Throws `unavailable` when one cannot be opened, and a NodeFailure of kind
   * `secret_unavailable` when it cannot be renewed.
   */
  open(params: SecretsParams): Promise<ReadonlyMap<string, string>>;
}

/** Secrets that somebody other than this program keeps. */
export interface OutsideSecrets {
  find(name: string): Promise<{ readonly value: string; readonly source: SecretSource } | null>;
}

/** No server has any. */
export const NO_SECRETS: Secrets = { open: async () => new Map() };
