import { copyJson } from '../core/json.js';
import type { HandlerContext, NodeContext, NodeKind } from '../core/node-kind.js';

/** Runs a function of the workflow's author; what it returns is the output. */
export const codeKind: NodeKind = {
  kind: 'code',
  description: 'Runs a TypeScript or JavaScript function.',
  fields: {
    uses: {
      description:
        'The function: ./file.ts for its default export, ./file.ts#name for another; relative to the workflow.',
      schema: { type: 'string' },
      required: true,
      role: 'handler',
    },
  },
  async execute(context) {
    const handler = await context.handler();
    return handler(handlerContext(context));
  },
};

/** Nothing but what handlers are promised. The input is their own: changing it must not change what other nodes see. */
function handlerContext(context: NodeContext): HandlerContext {
  return {
    input: copyJson(context.input),
    get signal() {
      return context.signal;
    },
    progress: context.progress,
    findings: context.findings,
    log: context.log,
    idempotencyKey: context.idempotencyKey,
    attempt: context.attempt,
    instruction: context.instruction,
    node: context.node,
    run: context.run,
    organization: context.organization,
    step: context.step,
    generate: context.generate,
  };
}
