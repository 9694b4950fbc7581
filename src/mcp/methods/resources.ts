import { ErrandError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { writeInTurns } from '../../core/large-json/write-in-turns.js';
import type { Contract } from '../contract/contract.js';
import { toPublicError } from '../tool-kit/to-public-error.js';
import { rpcError, type RpcError } from '../message/json-rpc.js';
import {
  callContext,
  failure,
  result,
  type FinalOutcome,
  type Method,
  type MethodContext,
} from '../protocol/base/method.js';
import { toFailure } from '../protocol/base/method.js';
import type { FixedResource, ResourceSource } from '../contract/sources.js';
import { pageFields, readCursor } from './cursor.js';
import { FIXED_LIST, OWN_LIST } from './list-tools.js';

export const listResources: Method = {
  offered: hasResources,
  needsKey: ({ fixedResources }) => fixedResources === undefined,
  limited: true,
  answer: async (params, context) => {
    const cursor = readCursor(params);
    const { fixedResources } = context.server.contract;
    if (fixedResources !== undefined) return listFixed(fixedResources, cursor);
    const page = await requireSource(context).list({ cursor }, callContext(context, await context.authenticate()));
    return { kind: 'result', json: JSON.stringify(pageFields('resources', page)), cache: OWN_LIST };
  },
};

export const listResourceTemplates: Method = {
  offered: hasResources,
  needsKey: () => false,
  limited: false,
  answer: (params, context) => {
    if (readCursor(params) !== null) {
      return failure(rpcError('invalidParams', 'Unknown cursor: the list of templates has one page.'));
    }
    const { resources } = context.server.contract;
    const json = JSON.stringify({ resourceTemplates: resources?.templates ?? [] });
    return { kind: 'result', json, cache: FIXED_LIST };
  },
};

export const readResource: Method = {
  offered: hasResources,
  needsKey: ({ fixedResources }) => fixedResources === undefined,
  limited: true,
  answer: async (params, context) => {
    const uri = readUri(params);
    const { fixedResources } = context.server.contract;
    if (fixedResources !== undefined) return readFixed(fixedResources, uri, context);
    const caller = await context.authenticate();
    try {
      const { contents, ttlMs = 0 } = await requireSource(context).read(uri, callContext(context, caller));
      const json = await writeInTurns({ contents });
      return { kind: 'result', json, cache: { ttlMs, scope: 'private' } };
    } catch (thrown) {
      return toReadFailure(toPublicError(thrown, context.server), uri, context);
    }
  },
};

export const subscribeResource = subscription('subscribe');
export const unsubscribeResource = subscription('unsubscribe');

function subscription(what: 'subscribe' | 'unsubscribe'): Method {
  const keeperOf = ({ resources }: Contract) => resources?.subscriptions;
  return {
    offered: (contract) => keeperOf(contract) !== undefined,
    needsKey: () => true,
    limited: true,
    answer: async (params, context) => {
      const uri = readUri(params);
      await keeperOf(context.server.contract)?.[what](uri, callContext(context, await context.authenticate()));
      return { kind: 'result', json: '{}' };
    },
  };
}

export function hasResources({ resources, fixedResources }: Contract): boolean {
  return resources !== undefined || fixedResources !== undefined;
}

function listFixed(resources: readonly FixedResource[], cursor: string | null): FinalOutcome {
  if (cursor !== null) {
    return failure(rpcError('invalidParams', 'Unknown cursor: the list of resources has one page.'));
  }
  return result({ resources: resources.map(({ entry }) => ({ ...entry })) }, FIXED_LIST);
}

function readFixed(resources: readonly FixedResource[], uri: string, context: MethodContext): FinalOutcome {
  const found = resources.find(({ entry }) => entry.uri === uri);
  if (found === undefined) return failure(resourceNotFound(uri, context));
  const {
    text,
    entry: { mimeType },
  } = found;
  return result({ contents: [{ uri, ...(mimeType === undefined ? {} : { mimeType }), text }] }, FIXED_LIST);
}

function resourceNotFound(uri: string, { rules }: MethodContext): RpcError {
  return rpcError(rules.resourceNotFound, 'Resource not found', { uri });
}

function readUri({ uri }: JsonObject): string {
  if (typeof uri === 'string') return uri;
  throw new ErrandError('invalid_input', '"uri" must be a string.');
}

function toReadFailure(error: ErrandError, uri: string, context: MethodContext): FinalOutcome {
  if (error.code !== 'not_found') return toFailure(error, context.server);
  return failure(resourceNotFound(uri, context));
}

function requireSource({ server }: MethodContext): ResourceSource {
  const { resources } = server.contract;
  if (resources === undefined) throw new Error(`the contract ${server.contract.name} has no resources`);
  return resources;
}
