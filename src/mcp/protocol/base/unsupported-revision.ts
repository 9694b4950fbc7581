import type { Json } from '../../../core/json.js';
import { rpcError } from '../../message/json-rpc.js';
import { failure } from './method.js';
import { REVISIONS } from './revisions.js';

export function unsupportedRevision(requested: Json): ReturnType<typeof failure> {
  const message = `Unsupported protocol version. Supported: ${REVISIONS.join(', ')}.`;
  return failure(rpcError('unsupportedProtocolVersion', message, { supported: REVISIONS, requested }), 'bad_request');
}
