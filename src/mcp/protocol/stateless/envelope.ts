import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import { LOG_LEVELS, type ClientView, type LogLevel } from '../../contract/call-context.js';
import { rpcError, type RpcError } from '../../message/json-rpc.js';
import type { IncomingRequest } from '../base/era.js';
import { failure, type FinalOutcome } from '../base/method.js';
import { unsupportedRevision } from '../base/unsupported-revision.js';
import { headerMismatch, methodMismatch, missingHeader, nameMismatch } from './headers.js';
import { META, TASKS_EXTENSION } from './names.js';
import { isStatelessRevision } from '../base/stateless-revisions.js';

export interface Envelope {
  readonly client: ClientView;
  readonly logLevel: LogLevel | null;
}

/**
 * What every request of this era says of itself, held against its headers. The order of the checks is part of the
 * protocol: a client tells by the first failure what to do next.
 */
export function readEnvelope(asked: IncomingRequest): Envelope | Extract<FinalOutcome, { kind: 'error' }> {
  const { meta, headers, method, params } = asked;
  const revision = meta[META.protocolVersion];
  const capabilities = meta[META.clientCapabilities];
  if (typeof revision !== 'string' || !isJsonObject(capabilities)) return invalidMeta(missingMeta(meta));
  const wrong = wrongMeta(meta);
  if (wrong !== null) return invalidMeta(wrong);
  if (headers !== null) {
    const said = headers('mcp-protocol-version');
    if (said !== undefined && said !== revision) {
      return refused(headerMismatch("MCP-Protocol-Version does not match the body's"));
    }
    const mismatch = methodMismatch(method, headers);
    if (mismatch !== null) return refused(mismatch);
  }
  if (!isStatelessRevision(revision)) return unsupportedRevision(revision);
  if (headers !== null) {
    const mismatch = missingHeader(headers) ?? nameMismatch(method, params, headers);
    if (mismatch !== null) return refused(mismatch);
  }
  const { extensions } = capabilities;
  const hasTasks = isJsonObject(extensions) && isJsonObject(extensions[TASKS_EXTENSION]);
  return {
    client: { era: 'stateless', revision, capabilities, tasks: hasTasks ? 'extension' : 'none', taskTtlMs: null },
    logLevel: (meta[META.logLevel] as LogLevel | undefined) ?? null,
  };
}

function missingMeta(meta: JsonObject): string {
  const missing = [
    ...(typeof meta[META.protocolVersion] === 'string' ? [] : [`${META.protocolVersion} (a string)`]),
    ...(isJsonObject(meta[META.clientCapabilities]) ? [] : [`${META.clientCapabilities} (an object)`]),
  ];
  return `"_meta" lacks ${missing.join(' and ')}`;
}

function wrongMeta(meta: JsonObject): string | null {
  const info = meta[META.clientInfo];
  if (info !== undefined && info !== null && !isClientInfo(info))
    return `${META.clientInfo} must have a name and a version`;
  const level: Json = meta[META.logLevel] ?? null;
  if (level !== null && !(LOG_LEVELS as readonly unknown[]).includes(level)) {
    return `${META.logLevel} must be one of ${LOG_LEVELS.join(', ')}`;
  }
  return null;
}

function isClientInfo(info: Json): boolean {
  return isJsonObject(info) && typeof info['name'] === 'string' && typeof info['version'] === 'string';
}

function invalidMeta(what: string): Extract<FinalOutcome, { kind: 'error' }> {
  return refused(rpcError('invalidParams', `Invalid params: ${what}.`));
}

function refused(error: RpcError): Extract<FinalOutcome, { kind: 'error' }> {
  return failure(error, 'bad_request');
}
