import { createHash, timingSafeEqual } from 'node:crypto';

/** RFC 7636, section 4.1. */
const VERIFIER = /^[\w.~-]{43,128}$/;

/** Whether who presents the verifier is who sent the challenge, by the method S256. */
export function verifiesChallenge(verifier: string, challenge: string): boolean {
  if (!VERIFIER.test(verifier)) return false;
  const made = createHash('sha256').update(verifier).digest();
  const given = Buffer.from(challenge, 'base64url');
  return made.length === given.length && timingSafeEqual(made, given);
}
