import { ErrandError } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { callContext, result, type Method } from '../protocol/base/method.js';
import type { CompletionRequest } from '../contract/sources.js';
import { readTexts } from './prompts.js';

const MAX_VALUES = 100;

export const complete: Method = {
  offered: ({ completions }) => completions !== undefined,
  needsKey: () => true,
  limited: true,
  answer: async (params, context) => {
    const request = readRequest(params);
    const caller = await context.authenticate();
    const completion = await context.server.contract.completions?.complete(request, callContext(context, caller));
    const { values = [], total, hasMore } = completion ?? {};
    return result({
      completion: {
        values: values.slice(0, MAX_VALUES),
        ...(total === undefined ? {} : { total }),
        hasMore: hasMore ?? values.length > MAX_VALUES,
      },
    });
  },
};

function readRequest(params: JsonObject): CompletionRequest {
  const { argument } = params;
  const context = params['context'] ?? {};
  if (!isJsonObject(argument) || typeof argument['name'] !== 'string' || typeof argument['value'] !== 'string') {
    throw new ErrandError('invalid_input', '"argument" must hold a name and a value, both strings.');
  }
  if (!isJsonObject(context)) throw new ErrandError('invalid_input', '"context" must be an object.');
  return {
    ref: readRef(params['ref']),
    argument: { name: argument['name'], value: argument['value'] },
    known: readTexts(context['arguments'], 'context.arguments'),
  };
}

function readRef(ref: Json | undefined): CompletionRequest['ref'] {
  if (isJsonObject(ref)) {
    const { type, name, uri } = ref;
    if (type === 'ref/prompt' && typeof name === 'string') return { kind: 'prompt', name };
    if (type === 'ref/resource' && typeof uri === 'string') return { kind: 'resource', uri };
  }
  throw new ErrandError('invalid_input', '"ref" must be a ref/prompt with a name or a ref/resource with a uri.');
}
