import { isJsonObject, type JsonObject } from '../../../core/json.js';
import type { ClientView } from '../../contract/call-context.js';
import { rpcError } from '../../message/json-rpc.js';
import type { IncomingRequest, Era } from '../base/era.js';
import { failure, type FinalOutcome, NO_ANSWERS, type EraRules, type MethodContext } from '../base/method.js';
import { HANDSHAKE_METHODS } from './methods.js';
import type { HandshakeRevision } from '../base/handshake-revisions.js';
import { handshakeTask } from './tasks.js';
import type { Tool } from '../../contract/contract.js';

/** Answers requests of one revision that opens with `initialize`. */
export function handshakeEra(revision: HandshakeRevision): Era {
  const methods = HANDSHAKE_METHODS[revision];
  const plain = plainClient(revision);
  return {
    open: (asked) => {
      const method = methods.get(asked.method);
      if (method === undefined || method.offered?.(asked.server.contract) === false) {
        return failure(rpcError('methodNotFound', `Method not found: ${asked.method.slice(0, 100)}`));
      }
      const client = asksForTask(asked, revision) ? readTaskRequest(asked.params, plain) : plain;
      return 'kind' in client
        ? client
        : {
            method,
            client,
            rules: handshakeRules,
            logLevel: asked.server.contract.logging === undefined ? null : 'debug',
          };
    },
    render: (outcome) => {
      switch (outcome.kind) {
        case 'result':
          return outcome.meta === undefined ? outcome.json : withMeta(outcome.json, outcome.meta);
        case 'task':
          return JSON.stringify({ task: handshakeTask(outcome.task) });
        case 'input_required':
          throw new Error('this era has no input-required results');
      }
    },
  };
}

export function plainClient(revision: HandshakeRevision): ClientView {
  return { era: 'handshake', revision, capabilities: {}, tasks: 'none', taskTtlMs: null };
}

function asksForTask({ method, params, server }: IncomingRequest, revision: HandshakeRevision): boolean {
  return (
    revision === '2025-11-25' &&
    method === 'tools/call' &&
    (params['task'] ?? null) !== null &&
    server.contract.tasks !== undefined
  );
}

function readTaskRequest(
  { task }: JsonObject,
  plain: ClientView,
): ClientView | Extract<FinalOutcome, { kind: 'error' }> {
  if (!isJsonObject(task)) return failure(rpcError('invalidParams', '"task" must be an object.'));
  const { ttl = null } = task;
  if (ttl !== null && !(typeof ttl === 'number' && ttl >= 0)) {
    return failure(rpcError('invalidParams', '"task.ttl" must be a number of milliseconds.'));
  }
  return { ...plain, tasks: 'requested', taskTtlMs: ttl === null ? null : Math.floor(ttl) };
}

function withMeta(json: string, meta: JsonObject): string {
  const rest = json === '{}' ? '}' : `,${json.slice(1)}`;
  return `{"_meta":${JSON.stringify(meta)}${rest}`;
}

/**
 * Requests may go to the client on a call's stream, and a call asks for a task by itself; there are no input-required
 * results.
 */
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
