import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ErrandError, errorMessage } from '../core/errors.js';
import type { DerivedSecrets, SecretBox } from '../core/ports/secret-box.js';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The 32 bytes that a text stands for, in base64 or hexadecimal digits; null when it is neither. */
export function parseSecretKey(text: string): Buffer | null {
  const clean = text.trim();
  if (/^[0-9a-f]{64}$/i.test(clean)) return Buffer.from(clean, 'hex');
  if (!/^[\w+/-]{43}=?$/.test(clean)) return null;
  const key = Buffer.from(clean, 'base64');
  return key.length === KEY_BYTES ? key : null;
}

/**
 * Seals with the key that is given, or else with the one in the file, which is made when something is sealed for the
 * first time.
 */
export function createSecretBox(params: {
  readonly key: Buffer | null;
  readonly file: string;
}): SecretBox & DerivedSecrets {
  const { file } = params;
  let { key } = params;
  return {
    seal(secret, place) {
      key ??= readKey(file) ?? makeKey(file);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(place));
      const ciphertext = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { nonce: nonce.toString('base64'), ciphertext: ciphertext.toString('base64') };
    },
    derive(place) {
      key ??= readKey(file) ?? makeKey(file);
      return createHmac('sha256', key).update(`derived\0${place}`).digest();
    },
    open(sealed, place) {
      key ??= readKey(file);
      if (key === null) {
        throw unreadable(`the file ${file} with the key is missing. Put it back, or set ERRAND_SECRET_KEY to that key`);
      }
      try {
        const bytes = Buffer.from(sealed.ciphertext, 'base64');
        const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(sealed.nonce, 'base64'), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(Buffer.from(place));
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch (cause) {
        const where = params.key === null ? `the key in ${file}` : 'ERRAND_SECRET_KEY';
        throw unreadable(`${where} is not the key that it was encrypted with, or it is damaged`, cause);
      }
    },
  };
}

function readKey(file: string): Buffer | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw unreadable(`the key in ${file} cannot be read: ${errorMessage(cause)}`, cause);
  }
  const key = parseSecretKey(text);
  if (key === null) throw unreadable(`${file} does not hold a key of ${KEY_BYTES} bytes`);
  return key;
}

function makeKey(file: string): Buffer {
  const key = randomBytes(KEY_BYTES);
  try {
    const opened = openSync(file, 'wx', 0o600);
    try {
      writeSync(opened, `${key.toString('base64')}\n`);
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    syncFolder(dirname(file));
  } catch (cause) {
    throw new ErrandError('unavailable', `The key for secrets cannot be kept in ${file}: ${errorMessage(cause)}.`, {
      cause,
    });
  }
  return key;
}

/** So that after a power cut nothing is sealed with a key that is not there. Some file systems cannot sync a folder. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } catch {
    // The key's file itself is on disk.
  } finally {
    closeSync(folder);
  }
}

function unreadable(why: string, cause?: unknown): ErrandError {
  return new ErrandError('unavailable', `A secret that is kept encrypted cannot be read: ${why}.`, { cause });
}
