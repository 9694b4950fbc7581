import { createHmac, timingSafeEqual } from 'node:crypto';

/** JSON as a text that others carry: they can read it, and can neither change it nor make another. */
export function sealText(value: object, key: Buffer): string {
  const text = Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${text}.${sign(text, key).toString('base64url')}`;
}

/** Null when it was not sealed with this key. */
export function openText(sealed: string, key: Buffer): unknown {
  const [text = '', mark = ''] = sealed.split('.');
  const [expected, given] = [sign(text, key), Buffer.from(mark, 'base64url')];
  if (given.length !== expected.length || !timingSafeEqual(expected, given)) return null;
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
}

function sign(text: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
