/** What was sealed, as base64. */
export type Sealed = {
  /** Never the same twice with one key. */
  readonly nonce: string;
  /** With its authentication tag. */
  readonly ciphertext: string;
};

/** Keeps secrets from whoever reads what is stored. Both throw `unavailable` when the key cannot be had. */
export interface SecretBox {
  /** `place` is what the secret belongs to; it cannot be opened as that of another place. */
  seal(secret: string, place: string): Sealed;
  /** Throws `unavailable` when it was sealed with another key, for another place, or is damaged. */
  open(sealed: Sealed, place: string): string;
}

/** Secrets that need not be kept: they can be had again from the key. */
export interface DerivedSecrets {
  /** 32 bytes, always the same for a place. Throws `unavailable` when the key cannot be had. */
  derive(place: string): Buffer;
}
