import type { SecretKind, SecretSource } from '../core/ports/secrets.js';

/** What workflows use and nobody sees: never its value. */
export interface ApiSecret {
  readonly name: string;
  /** Where its value is: kept for the organization or for all, in a file or the environment; null: nowhere yet. */
  readonly source: SecretSource | null;
  /** Null unless this server keeps it. */
  readonly updated_at: string | null;
  readonly kind: SecretKind;
  /** How many earlier values runs under way may still use. */
  readonly earlier_values: number;
  /** The workflows that name it. */
  readonly workflows: readonly string[];
}
