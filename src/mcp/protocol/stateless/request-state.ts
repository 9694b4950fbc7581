import { createHmac, timingSafeEqual } from 'node:crypto';
import { isJsonObject, type Json } from '../../../core/json.js';

export interface Seal {
  /** The same in every process, so that any of them takes up what another one asked. */
  readonly secret: string;
  /** What the state belongs to; it opens for nothing else. The order of keys in objects does not count. */
  readonly binding: Json;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A person may be asked in between. */
const LIFETIME_MS = 60 * 60_000;

/** State on its way through the client, who can read it but neither change it nor use it for another request. */
export function sealState(state: Json, seal: Seal): string {
  const payload = Buffer.from(JSON.stringify({ state, until: seal.now + LIFETIME_MS }), 'utf8').toString('base64url');
  return `${payload}.${computeMac(payload, seal)}`;
}

/** Null for anything but a state that was sealed with the same secret for the same binding not too long ago. */
export function openState(sealed: Json, seal: Seal): { readonly state: Json } | null {
  if (typeof sealed !== 'string') return null;
  const [, payload, mac] = /^([\w-]+)\.([\w-]+)$/.exec(sealed) ?? [];
  if (payload === undefined || mac === undefined) return null;
  // Compared as texts: Base64 has several for the same bytes, and only ours is taken.
  const expected = Buffer.from(computeMac(payload, seal));
  const given = Buffer.from(mac);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const { state, until } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
    state: Json;
    until: number;
  };
  return until < seal.now ? null : { state };
}

function computeMac(payload: string, { secret, binding }: Seal): string {
  return createHmac('sha256', secret)
    .update(`${payload}\n${canonical(binding)}`)
    .digest('base64url');
}

/** JSON text with the keys of objects sorted. */
function canonical(value: Json): string {
  return JSON.stringify(value, (_key, part: Json) =>
    isJsonObject(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
