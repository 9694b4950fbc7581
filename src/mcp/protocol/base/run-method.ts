import { neededScope } from '../../../auth/needed-scope.js';
import { countCall } from '../../../auth/count-call.js';
import type { ErrandError } from '../../../core/errors.js';
import { fullMessage } from '../../tool-kit/check-value.js';
import { toPublicError } from '../../tool-kit/to-public-error.js';
import { rpcError } from '../../message/json-rpc.js';
import {
  failure,
  type FinalOutcome,
  type Method,
  type MethodContext,
  type Outcome,
  type ServerParts,
} from './method.js';

/** Answers with a method, key and limit checked first. Never throws. */
export async function runMethod(
  method: Method,
  params: Parameters<Method['answer']>[0],
  context: MethodContext,
): Promise<Outcome> {
  const { server } = context;
  try {
    if (method.needsKey(server.contract)) {
      const caller = await context.authenticate();
      if (method.limited) countCall(server.limits, 'reading', caller);
    }
  } catch (thrown) {
    const error = toPublicError(thrown, server);
    return failure(server.contract.renderRefusal(error), error);
  }
  try {
    return await method.answer(params, context);
  } catch (thrown) {
    return toFailure(toPublicError(thrown, server), server);
  }
}

/** An error of the services as one of the protocol, outside of `tools/call`, whose results have a place for errors. */
export function toFailure(error: ErrandError, { contract }: ServerParts): Extract<FinalOutcome, { kind: 'error' }> {
  switch (error.code) {
    case 'unauthenticated':
    case 'rate_limited':
      return failure(contract.renderRefusal(error), error);
    case 'forbidden':
      return failure(contract.renderRefusal(error), neededScope(error) === null ? null : error);
    case 'not_found':
    case 'invalid_input':
    case 'conflict':
      return failure(rpcError('invalidParams', fullMessage(error)));
    default:
      return failure(rpcError('internalError', error.message));
  }
}
