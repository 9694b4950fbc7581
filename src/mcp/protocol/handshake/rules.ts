import type { JsonObject } from '../../../core/json.js';
import type { Tool } from '../../contract/contract.js';
import { rpcError } from '../../message/json-rpc.js';
import { failure, NO_ANSWERS, type EraRules, type FinalOutcome, type MethodContext } from '../base/method.js';

/** Requests may go to the client on a call's stream, and a call asks for a task by itself; there are no input-required results. */
export const handshakeRules: EraRules = {
  resourceNotFound: 'resourceNotFound',
  sendsRequests: true,
  refuseTool,
  // Fields that nobody knows in this era.
  readAnswers: () => NO_ANSWERS,
  toInputRequired: () =>
    failure(
      rpcError(
        'invalidRequest',
        'This needs answers from its caller, for which protocol revision 2026-07-28 is needed.',
      ),
    ),
};

function refuseTool(tool: Tool, _args: JsonObject, { client, server }: MethodContext): FinalOutcome | null {
  if (server.contract.tasks === undefined) return null;
  const { taskSupport = 'forbidden' } = tool;
  if (taskSupport === 'required' && client.tasks === 'none') {
    return failure(rpcError('methodNotFound', `${tool.name} answers with a task only: call it with "task".`));
  }
  if (taskSupport === 'forbidden' && client.tasks === 'requested') {
    return failure(rpcError('methodNotFound', `${tool.name} does not answer with tasks: call it without "task".`));
  }
  return null;
}
