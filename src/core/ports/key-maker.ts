/** Makes API keys. What comes out as `key` is shown once and never kept. */
export interface KeyMaker {
  /** A new random key of 40 characters; with a seed of 32 secret bytes always the same one. */
  newKey(seed?: Uint8Array): string;
  /** SHA-256, hex. */
  hashKey(key: string): string;
  /** The first characters, for people to tell keys apart. */
  hintOf(key: string): string;
  /** What is wrong with a key that somebody chose; null when it will do. */
  faultOf(key: string): string | null;
}
