import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HookSignature } from '../../../core/hooks/hook.js';
import { parseSignatures, type ReceivedDelivery, type SignedDelivery } from './parse-signatures.js';

/**
 * What is wrong with the signature of a delivery, for the hook's owner; null when it is one of these secrets'. Reads the
 * body as it came, and compares in a time that does not depend on what was sent.
 */
export function findSignatureProblem(
  signature: HookSignature,
  delivery: ReceivedDelivery,
  params: { readonly secrets: readonly string[]; readonly now: number },
): string | null {
  if (signature.kind === 'none') return null;
  const signed = parseSignatures(signature, delivery);
  if (signed.kind === 'fault') return signed.message;
  const { timestamp } = signed;
  if ('toleranceSeconds' in signature && timestamp !== null) {
    const offSeconds = Math.abs(params.now / 1_000 - timestamp);
    if (!(offSeconds <= signature.toleranceSeconds))
      return `It was signed ${Math.round(offSeconds)} seconds before or after now; ${signature.toleranceSeconds} are allowed. Is it a replay, or is a clock wrong?`;
  }
  // All are compared, whichever fits.
  const fits = params.secrets.map((secret) => isSignedWith(secret, signed));
  return fits.includes(true) ? null : 'The signature is not that of the body with the secret of this hook.';
}

function isSignedWith(secret: string, { algorithm, content, signatures, keyOf }: SignedDelivery): boolean {
  const expected =
    algorithm === null ? Buffer.from(secret) : createHmac(algorithm, keyOf(secret)).update(content).digest();
  const fits = signatures.map((signature) => isSame(expected, signature));
  return fits.includes(true);
}

/** Over hashes, so that not even the length shows. */
function isSame(expected: Buffer, given: Buffer): boolean {
  const hash = (bytes: Buffer): Buffer => createHmac('sha256', 'compare').update(bytes).digest();
  return timingSafeEqual(hash(expected), hash(given));
}
