import type { JsonObject } from '../../core/json.js';
import { rpcError } from '../message/json-rpc.js';
import type { Era } from './base/era.js';
import { handshakeEra } from './handshake/handshake-era.js';
import { HANDSHAKE_REVISIONS, isHandshakeRevision, DEFAULT_REVISION } from './base/handshake-revisions.js';
import { failure, type FinalOutcome } from './base/method.js';
import { META } from './stateless/names.js';
import { STATELESS_REVISIONS } from './base/stateless-revisions.js';
import { statelessEra } from './stateless/stateless-era.js';
import { unsupportedRevision } from './base/unsupported-revision.js';

const ERAS: ReadonlyMap<unknown, Era> = new Map<unknown, Era>([
  ...HANDSHAKE_REVISIONS.map((revision) => [revision, handshakeEra(revision)] as const),
  ...STATELESS_REVISIONS.map((revision) => [revision, statelessEra] as const),
]);

/**
 * Who answers a request. One that carries its revision within stands alone; one that does not is of the handshake era,
 * at the revision that the transport knows of.
 */
export function chooseEra(asked: {
  readonly method: string;
  readonly meta: JsonObject;
  /** What the transport says is spoken; null when it says nothing. */
  readonly revision: string | null;
}): Era | Extract<FinalOutcome, { kind: 'error' }> {
  const { method, meta, revision } = asked;
  const claim = meta[META.protocolVersion];
  if (method === 'initialize' && ERAS.get(claim) !== statelessEra) return openingEra(revision);
  if (claim !== undefined) return statelessEra;
  return ERAS.get(revision ?? DEFAULT_REVISION) ?? unsupportedRevision(revision);
}

/** The handshake finds the revision, so any that the transport names will do, except for one that has no handshake. */
function openingEra(revision: string | null): Era | Extract<FinalOutcome, { kind: 'error' }> {
  if (ERAS.get(revision) === statelessEra) {
    const message = `Header mismatch: protocol revision ${revision} has no "initialize".`;
    return failure(rpcError('headerMismatch', message), 'bad_request');
  }
  const spoken = revision !== null && isHandshakeRevision(revision) ? revision : HANDSHAKE_REVISIONS[0];
  return ERAS.get(spoken) ?? unsupportedRevision(revision);
}
