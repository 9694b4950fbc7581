import { createHash, createHmac } from 'node:crypto';
import type { Binding } from './company-sign-in.js';

/** Of one visit at the provider. Nothing of it is kept: who has the key can make it again of its state. */
export function bindVisit(state: string, redirectUri: string, key: Buffer): Binding {
  const derive = (what: string): string => createHmac('sha256', key).update(`${what} of ${state}`).digest('base64url');
  const verifier = derive('verifier');
  return {
    redirectUri,
    state,
    verifier,
    challenge: createHash('sha256').update(verifier).digest('base64url'),
    nonce: derive('nonce'),
  };
}
