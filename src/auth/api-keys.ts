import { createHmac, hash, randomBytes } from 'node:crypto';
import type { KeyMaker } from '../core/ports/key-maker.js';

const KEY_LENGTH = 40;
const HINT_LENGTH = 4;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Bytes from here on are thrown away, as they would make the alphabet's first letters likelier than its last. */
const BYTE_LIMIT = 256 - (256 % ALPHABET.length);

/** Keys of 40 characters in all: the prefix, then letters and digits, each as likely as the next. */
export function createKeyMaker(prefix = 'sk_live_'): KeyMaker {
  return {
    newKey: (seed) => prefix + toText(KEY_LENGTH - prefix.length, seed === undefined ? randomBytes : bytesFrom(seed)),
    hashKey: (key) => hash('sha256', key),
    hintOf: (key) => key.slice(0, prefix.length + HINT_LENGTH),
    faultOf: (key) => {
      if (key.length !== KEY_LENGTH) return `must have ${KEY_LENGTH} characters, but has ${key.length}.`;
      if (!/^[\w-]+$/.test(key)) return 'must be made of letters A to Z and a to z, digits, "_" and "-" only.';
      return null;
    },
  };
}

/** As many bytes as are asked for, 32 at a time, by what the seed and their count come to. */
function bytesFrom(seed: Uint8Array): () => Uint8Array {
  let count = 0;
  return () => createHmac('sha256', seed).update(String(count++)).digest();
}

function toText(length: number, nextBytes: (count: number) => Uint8Array): string {
  let text = '';
  while (text.length < length) {
    for (const byte of nextBytes(length)) {
      if (byte < BYTE_LIMIT && text.length < length) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}
