import type { JsonObject } from '../../../core/json.js';
import { rpcError } from '../../message/json-rpc.js';
import type { Era } from '../base/era.js';
import {
  failure,
  type CacheHint,
  type ServerParts,
  type EraRules,
  type FinalOutcome,
  type MethodContext,
} from '../base/method.js';
import { readEnvelope } from './envelope.js';
import { STATELESS_METHODS } from './methods.js';
import { META } from './names.js';
import { newStatelessTask } from './tasks.js';
import type { Tool } from '../../contract/contract.js';
import { TASKS_CAPABILITY, undeclared } from './capabilities.js';
import { headerParamsMismatch } from './header-params.js';
import { readAnswers, toInputRequired } from './input-required.js';

/** Answers requests that say all there is to know with each of them. */
export const statelessEra: Era = {
  open: (asked) => {
    const envelope = readEnvelope(asked);
    if ('kind' in envelope) return envelope;
    const method = STATELESS_METHODS.get(asked.method);
    if (method === undefined || method.offered?.(asked.server.contract) === false) {
      const error = rpcError('methodNotFound', `Method not found: ${asked.method.slice(0, 100)}`);
      return failure(error, 'unknown_method');
    }
    const { client, logLevel } = envelope;
    return {
      method,
      client,
      rules: statelessRules,
      logLevel: asked.server.contract.logging === undefined ? null : logLevel,
    };
  },
  render: (outcome, server) => {
    switch (outcome.kind) {
      case 'result':
        return `${head('complete', server, outcome.meta)}${cacheFields(outcome.cache)}${rest(outcome.json)}`;
      case 'task':
        return `${head('task', server)}${rest(JSON.stringify(newStatelessTask(outcome.task)))}`;
      case 'input_required': {
        const { inputRequests, requestState } = outcome;
        const fields = { inputRequests, ...(requestState === null ? {} : { requestState }) };
        return `${head('input_required', server)}${rest(JSON.stringify(fields))}`;
      }
    }
  },
};

/** An object's JSON text up to its last field so far, so that answers are put together without being taken apart. */
function head(resultType: string, { serverInfo }: ServerParts, meta?: JsonObject): string {
  const own = meta === undefined ? plainMeta(serverInfo) : JSON.stringify({ ...meta, [META.serverInfo]: serverInfo });
  return `{"resultType":"${resultType}","_meta":${own}`;
}

const plainMetas = new WeakMap<JsonObject, string>();

/** The `_meta` of nearly every answer. */
function plainMeta(serverInfo: JsonObject): string {
  const known = plainMetas.get(serverInfo);
  if (known !== undefined) return known;
  const json = JSON.stringify({ [META.serverInfo]: serverInfo });
  plainMetas.set(serverInfo, json);
  return json;
}

function cacheFields(cache: CacheHint | undefined): string {
  return cache === undefined ? '' : `,"ttlMs":${cache.ttlMs},"cacheScope":"${cache.scope}"`;
}

function rest(json: string): string {
  return json === '{}' ? '}' : `,${json.slice(1)}`;
}

/** Every request declares what its client can do, and what it says in headers must agree with its body. */
export const statelessRules: EraRules = {
  resourceNotFound: 'invalidParams',
  sendsRequests: false,
  refuseTool,
  readAnswers,
  toInputRequired,
};

function refuseTool(tool: Tool, args: JsonObject, { client, headers }: MethodContext): FinalOutcome | null {
  const missing = tool.requires === undefined ? null : undeclared(tool.requires, client);
  if (missing !== null) return missing;
  if (tool.taskSupport === 'required') {
    const withoutTasks = undeclared(TASKS_CAPABILITY, client);
    if (withoutTasks !== null) return withoutTasks;
  }
  return headers === null ? null : headerParamsMismatch(tool.inputSchema, args, headers);
}
