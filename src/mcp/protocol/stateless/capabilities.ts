import { isJsonObject, type JsonObject } from '../../../core/json.js';
import type { ClientView } from '../../contract/call-context.js';
import { rpcError } from '../../message/json-rpc.js';
import { failure, type FinalOutcome } from '../base/method.js';
import { TASKS_EXTENSION } from './names.js';

export const TASKS_CAPABILITY: JsonObject = { extensions: { [TASKS_EXTENSION]: {} } };

/** The error for a client that has not declared on this request what it would need; null when it has. */
export function undeclared(required: JsonObject, client: ClientView): Extract<FinalOutcome, { kind: 'error' }> | null {
  if (declares(client.capabilities, required)) return null;
  const message = 'Missing required client capability: this request must declare what "requiredCapabilities" names.';
  return failure(rpcError('missingClientCapability', message, { requiredCapabilities: required }), 'bad_request');
}

export function declares(declared: JsonObject, required: JsonObject): boolean {
  return Object.entries(required).every(([name, inner]) => {
    const found = Object.hasOwn(declared, name) ? declared[name] : undefined;
    return isJsonObject(found) && (!isJsonObject(inner) || declares(found, inner));
  });
}
