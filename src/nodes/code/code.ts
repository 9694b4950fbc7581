import type { NodeKind, HandlerContext, NodeContext } from '../../core/handlers/node-kind.js';
import { copyJson, type Json } from '../../core/json.js';
import type { Logger } from '../../core/ports/logger.js';

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
  handsOver: true,
  async execute(context) {
    const found = context.handler();
    const handler = found instanceof Promise ? await found : found;
    return await (typeof handler === 'function' ? handler(new CodeContext(context)) : handler.run(context));
  },
};

/**
 * Nothing but what handlers are promised, all of it the object's own, so that a copy of it is whole. The signal is made
 * when something asks for it, by one getter for all contexts: objects that each bring a getter of their own are slow
 * and large.
 */
export class CodeContext implements HandlerContext {
  static readonly #signal: PropertyDescriptor & ThisType<CodeContext> = {
    get() {
      return this.#context.signal;
    },
    enumerable: true,
  };

  declare readonly signal: AbortSignal;
  /** The handler's own: changing it does not change what other nodes see. */
  readonly input: Json;
  readonly progress: HandlerContext['progress'];
  readonly findings: HandlerContext['findings'];
  readonly log: Logger;
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly instruction: string | null;
  readonly node: HandlerContext['node'];
  readonly run: HandlerContext['run'];
  readonly organization: HandlerContext['organization'];
  readonly step: HandlerContext['step'];
  readonly generate: HandlerContext['generate'];
  readonly fetch: HandlerContext['fetch'];
  readonly secrets: HandlerContext['secrets'];
  readonly #context: NodeContext;

  constructor(context: NodeContext, input: Json = context.input) {
    Object.defineProperty(this, 'signal', CodeContext.#signal);
    this.#context = context;
    this.input = copyJson(input);
    this.progress = context.progress;
    this.findings = context.findings;
    this.log = context.log;
    this.idempotencyKey = context.idempotencyKey;
    this.attempt = context.attempt;
    this.instruction = context.instruction;
    this.node = context.node;
    this.run = context.run;
    this.organization = context.organization;
    this.step = context.step;
    this.generate = context.generate;
    this.fetch = context.fetch;
    this.secrets = context.secrets;
  }
}
