import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { InputAnswers, InputRequired } from '../../contract/call-context.js';
import { rpcError } from '../../message/json-rpc.js';
import {
  failure,
  type ResumableRequest,
  type ErrorOutcome,
  type FinalOutcome,
  type MethodContext,
} from '../base/method.js';
import { undeclared } from './capabilities.js';
import { openState, sealState, type Seal } from './request-state.js';

/** What a client must have declared to be sent each kind of input request. */
const CAPABILITIES: { readonly [method: string]: JsonObject } = {
  'elicitation/create': { elicitation: {} },
  'sampling/createMessage': { sampling: {} },
  'roots/list': { roots: {} },
};

export function readAnswers(asked: ResumableRequest, context: MethodContext): InputAnswers | ErrorOutcome {
  const { params } = asked;
  const inputResponses = params['inputResponses'] ?? {};
  const requestState = params['requestState'] ?? null;
  if (!isJsonObject(inputResponses)) return invalid('"inputResponses" must be an object.');
  const wrong = Object.keys(inputResponses).find((key) => !isJsonObject(inputResponses[key]));
  if (wrong !== undefined) return invalid(`"inputResponses" must hold objects; ${JSON.stringify(wrong)} is none.`);
  if (requestState === null) return { inputResponses, requestState: null };
  const seal = sealFor(asked, context);
  const opened = seal === null ? null : openState(requestState, seal);
  if (opened === null) {
    return invalid('"requestState" is not one that this server gave for this request, or it is too old. Ask anew.');
  }
  return { inputResponses, requestState: opened.state };
}

export function toInputRequired(outcome: InputRequired, asked: ResumableRequest, context: MethodContext): FinalOutcome {
  const { client } = context;
  for (const request of Object.values(outcome.inputRequests)) {
    const missing = undeclared(neededFor(request), client);
    if (missing !== null) return missing;
  }
  const { inputRequests, requestState } = outcome;
  return {
    kind: 'input_required',
    inputRequests,
    requestState: requestState === undefined ? null : sealed(requestState, sealFor(asked, context)),
  };
}

function neededFor(request: Json): JsonObject {
  if (!isJsonObject(request) || typeof request['method'] !== 'string')
    throw new Error('an input request without method');
  const { method, params } = request;
  if (method === 'elicitation/create' && isJsonObject(params) && params['mode'] === 'url') {
    return { elicitation: { url: {} } };
  }
  const needed = CAPABILITIES[method];
  if (needed === undefined) throw new Error(`"${method}" cannot be asked of a client`);
  return needed;
}

function sealed(state: Json, seal: Seal | null): string {
  if (seal === null) throw new Error('state goes out, but the server has no secret to seal it with');
  return sealState(state, seal);
}

/** Null for a server that seals nothing, and so opens nothing. */
function sealFor({ method, params, caller }: ResumableRequest, { server }: MethodContext): Seal | null {
  const { stateSecret, clock } = server;
  if (stateSecret === undefined) return null;
  const { name, arguments: args = {} } = params;
  return {
    secret: stateSecret,
    binding: [caller.organizationId, caller.keyId, method, name ?? null, args],
    now: clock.now(),
  };
}

function invalid(message: string): ErrorOutcome {
  return failure(rpcError('invalidParams', message));
}
