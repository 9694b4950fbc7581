/** Where a secret's value is: in the store, for one organization or for all; in a file; in the environment. */
export const SECRET_SOURCES = ['organization', 'all', 'file', 'environment'] as const;
export type SecretSource = (typeof SECRET_SOURCES)[number];

export interface SecretsParams {
  readonly organizationId: string;
  readonly names: readonly string[];
}

/** The values of secrets. */
export interface Secrets {
  /** By name; those that are not set are absent. Throws `unavailable` when one cannot be opened. */
  open(params: SecretsParams): Promise<ReadonlyMap<string, string>>;
}

/** Secrets that somebody other than this program keeps. */
export interface OutsideSecrets {
  find(name: string): Promise<{ readonly value: string; readonly source: SecretSource } | null>;
}

/** No server has any. */
export const NO_SECRETS: Secrets = { open: async () => new Map() };
