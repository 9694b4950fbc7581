import type { ErrandError } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { InputAnswers, Notifier } from '../contract/call-context.js';
import type { Tool, ToolRequest, ToolOutcome } from '../contract/contract.js';
import { toPublicError } from '../tool-kit/to-public-error.js';
import { rpcError } from '../message/json-rpc.js';
import { MessageQueue } from '../message/message-queue.js';
import {
  callContext,
  CallOf,
  challengeMeta,
  failure,
  NO_ANSWERS,
  refuse,
  type FinalOutcome,
  type Method,
  type MethodContext,
  type Outcome,
} from '../protocol/base/method.js';
import { neededScope } from '../../auth/needed-scope.js';
import { countCall, nearestLimit } from '../../auth/limits/count-call.js';
import { streamed } from '../protocol/base/streamed.js';
import { askedToNotify, createNotifier } from './notifier.js';

const NO_ARGUMENTS: JsonObject = Object.freeze({});

export const callTool: Method = {
  needsKey: () => true,
  limited: false,
  answer: async (params, context) => {
    const { server } = context;
    const name = params['name'];
    const args = params['arguments'] ?? NO_ARGUMENTS;
    try {
      const caller = await context.authenticate();
      const tool = typeof name === 'string' ? await findTool(name, caller, context) : null;
      // Whatever comes of the call, it counts.
      if (server.contract.limitsMutations) countApart(tool, caller, context);
      else countCall(server.limits, 'reading', caller);
      if (tool === null) return unknownTool(name, context);
      if (!isJsonObject(args)) return failure(rpcError('invalidParams', '"arguments" must be an object.'));
      const refused = context.rules.refuseTool(tool, args, context);
      if (refused !== null) return refused;
      return await call({ tool, args, caller, params }, context);
    } catch (thrown) {
      return toToolFailure(toPublicError(thrown, server), context);
    }
  },
};

/** Counts what changes something apart, and tells what is left, also of a call that is refused. */
function countApart(tool: Tool | null, caller: Principal, { server: { limits }, tellUsage }: MethodContext): void {
  const kind = tool?.mutates === true ? 'mutating' : 'reading';
  try {
    countCall(limits, kind, caller);
  } finally {
    const usage = nearestLimit(limits, kind, caller);
    if (usage !== null) tellUsage?.(usage);
  }
}

function findTool(name: string, caller: Principal, context: MethodContext): Tool | Promise<Tool | null> | null {
  const { fixedTools, contract } = context.server;
  return fixedTools.get(name) ?? contract.tools.varying?.find(name, callContext(context, caller)) ?? null;
}

interface RequestedCall {
  readonly tool: Tool;
  readonly args: JsonObject;
  readonly caller: Principal;
  readonly params: JsonObject;
}

function call(asked: RequestedCall, context: MethodContext): Promise<Outcome> {
  const { tool, params, caller } = asked;
  const asksAgain = params['inputResponses'] !== undefined || params['requestState'] !== undefined;
  const answers = asksAgain ? context.rules.readAnswers({ method: 'tools/call', params, caller }, context) : NO_ANSWERS;
  if ('kind' in answers) return Promise.resolve(answers);
  if (tool.notifies !== true || !context.streams || !askedToNotify(context)) {
    return finish(tool.call(new RequestedCallContext({ asked, answers, context, notify: null })), asked, context);
  }
  const queue = new MessageQueue();
  const notify = createNotifier(queue, context);
  const work = tool.call(new RequestedCallContext({ asked, answers, context, notify }));
  return streamed(finish(work, asked, context), queue, context);
}

class RequestedCallContext extends CallOf implements ToolRequest<JsonObject> {
  readonly args: JsonObject;
  readonly meta: JsonObject;
  readonly inputResponses: JsonObject;
  readonly requestState: Json;
  readonly notify: Notifier | null;

  constructor(params: {
    readonly asked: RequestedCall;
    readonly answers: InputAnswers;
    readonly context: MethodContext;
    readonly notify: Notifier | null;
  }) {
    const { asked, answers, context, notify } = params;
    super(context, asked.caller);
    this.args = asked.args;
    this.meta = context.meta;
    this.inputResponses = answers.inputResponses;
    this.requestState = answers.requestState;
    this.notify = notify;
  }
}

async function finish(work: Promise<ToolOutcome>, asked: RequestedCall, context: MethodContext): Promise<FinalOutcome> {
  try {
    return toFinal(await work, asked, context);
  } catch (thrown) {
    return toToolFailure(toPublicError(thrown, context.server), context);
  }
}

function toFinal(outcome: ToolOutcome, asked: RequestedCall, context: MethodContext): FinalOutcome {
  switch (outcome.kind) {
    case 'value':
      return { kind: 'result', json: context.server.contract.renderResult(outcome.value, outcome.text) };
    case 'json':
      return { kind: 'result', json: outcome.json };
    case 'content': {
      const { _meta: meta, ...content } = outcome.result;
      return { kind: 'result', json: JSON.stringify(content), ...(isJsonObject(meta) ? { meta } : {}) };
    }
    case 'task':
      if (context.client.tasks === 'none') throw new Error(`${asked.tool.name} made a task for a client without tasks`);
      return outcome;
    case 'input_required':
      return context.rules.toInputRequired(
        outcome,
        { method: 'tools/call', params: asked.params, caller: asked.caller },
        context,
      );
  }
}

function toToolFailure(error: ErrandError, context: MethodContext): FinalOutcome {
  const rendered = context.server.contract.renderError(error);
  const isForMore = neededScope(error) !== null;
  if (rendered.kind === 'result') return isForMore ? refuseInResult(rendered.json, error, context) : rendered;
  if (rendered.kind === 'error' && !isForMore) return failure(rendered.error);
  return refuse(error, context);
}

/** Hosts that look at the message alone find there what the transport says to the others. */
function refuseInResult(json: string, error: ErrandError, context: MethodContext): FinalOutcome {
  const meta = challengeMeta(error, context);
  return meta === null ? refuse(error, context) : { kind: 'result', json, meta, refusal: error };
}

/** Names the tools where they are few and always the same. */
function unknownTool(name: unknown, { server }: MethodContext): FinalOutcome {
  const { fixed, varying } = server.contract.tools;
  const known = fixed.map((tool) => tool.name).join(', ');
  const also = varying === null ? '' : ' and those that tools/list gives beside them';
  const message =
    typeof name === 'string'
      ? `Unknown tool: ${name.slice(0, 100)}. The tools are ${known}${also}.`
      : `"name" must be the name of a tool: ${known}${also}.`;
  return failure(rpcError('invalidParams', message));
}
