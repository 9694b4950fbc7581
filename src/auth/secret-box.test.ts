import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecretBox, parseSecretKey } from './secret-box.js';

const SECRET = 'sk-test-a-key-that-nobody-may-read';
const PLACE = 'model_credentials/org-1/openai';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-secret-'));
  file = join(folder, 'secret.key');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a secret box', () => {
  it('opens what it has sealed, also after the process was started anew', () => {
    const sealed = createSecretBox({ key: null, file }).seal(SECRET, PLACE);
    expect(createSecretBox({ key: null, file }).open(sealed, PLACE)).toBe(SECRET);
  });

  it('makes its key at the first need, for the owner alone', () => {
    const box = createSecretBox({ key: null, file });
    expect(existsSync(file)).toBe(false);
    box.seal(SECRET, PLACE);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(parseSecretKey(readFileSync(file, 'utf8'))).toHaveLength(32);
  });

  it('never seals the same secret to the same text', () => {
    const box = createSecretBox({ key: Buffer.alloc(32, 7), file });
    const [one, other] = [box.seal(SECRET, PLACE), box.seal(SECRET, PLACE)];
    expect(one.nonce).not.toBe(other.nonce);
    expect(one.ciphertext).not.toBe(other.ciphertext);
    expect(Buffer.from(one.ciphertext, 'base64').includes(SECRET)).toBe(false);
  });

  it('derives the same secret for a place, also after the process was started anew, and another for another place or key', () => {
    const derived = createSecretBox({ key: null, file }).derive(PLACE);
    expect(derived).toHaveLength(32);
    expect(createSecretBox({ key: null, file }).derive(PLACE)).toEqual(derived);
    expect(createSecretBox({ key: null, file }).derive(`${PLACE}2`)).not.toEqual(derived);
    expect(createSecretBox({ key: Buffer.alloc(32, 7), file }).derive(PLACE)).not.toEqual(derived);
  });

  it('does not open a secret as that of another place', () => {
    const box = createSecretBox({ key: Buffer.alloc(32, 7), file });
    const sealed = box.seal(SECRET, PLACE);
    expect(() => box.open(sealed, 'model_credentials/org-2/openai')).toThrow(/is not the key that it was encrypted/);
  });

  it('says which key is wrong, and not the key', () => {
    const sealed = createSecretBox({ key: Buffer.alloc(32, 7), file }).seal(SECRET, PLACE);
    const other = createSecretBox({ key: Buffer.alloc(32, 8), file });
    expect(() => other.open(sealed, PLACE)).toThrow(/ERRAND_SECRET_KEY is not the key/);
    writeFileSync(file, Buffer.alloc(32, 9).toString('base64'));
    expect(() => createSecretBox({ key: null, file }).open(sealed, PLACE)).toThrow(/the key in .*secret\.key is not/);
  });

  it('says that the key is missing, and makes none up to open with', () => {
    const sealed = createSecretBox({ key: null, file }).seal(SECRET, PLACE);
    rmSync(file);
    expect(() => createSecretBox({ key: null, file }).open(sealed, PLACE)).toThrow(
      /secret\.key with the key is missing/,
    );
    expect(existsSync(file)).toBe(false);
  });

  it('refuses a file that holds no key, and leaves it as it is', () => {
    writeFileSync(file, 'not a key\n');
    expect(() => createSecretBox({ key: null, file }).seal(SECRET, PLACE)).toThrow(/does not hold a key of 32 bytes/);
    expect(readFileSync(file, 'utf8')).toBe('not a key\n');
  });

  it.each([
    ['base64', Buffer.alloc(32, 250).toString('base64')],
    ['base64 without its final =', Buffer.alloc(32, 250).toString('base64').slice(0, 43)],
    ['hexadecimal digits', Buffer.alloc(32, 250).toString('hex')],
  ])('takes a key in %s', (_, text) => {
    expect(parseSecretKey(` ${text}\n`)).toEqual(Buffer.alloc(32, 250));
  });

  it.each([['', 'short', 'x'.repeat(64), Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')]])(
    'takes nothing else for a key',
    (...texts) => {
      for (const text of texts) expect(parseSecretKey(text)).toBeNull();
    },
  );
});
