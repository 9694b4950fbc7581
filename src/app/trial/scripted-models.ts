import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { Json } from '../../core/json.js';
import type { ModelsDescription, ModelTest } from '../../core/models/model-directory.js';
import { NO_USAGE, type ModelAnswer, type ModelRequest, type Usage } from '../../core/models/models.js';
import type { ConfiguredModels } from '../../models/create-models.js';

/** One answer of a model: text, JSON as its text, calls of tools, or a failure. */
export type ModelReply =
  | string
  | {
      readonly output?: Json;
      readonly text?: string;
      readonly toolCalls?: readonly { readonly name: string; readonly input: Json }[];
      /** One call and no tokens when not given. */
      readonly usage?: Partial<Usage>;
    }
  | { readonly error: { readonly message: string; readonly kind?: string; readonly retryable?: boolean } };

/** Answers in the order in which they are asked for, or what a function answers. */
export type ModelScript = readonly ModelReply[] | ((request: ModelRequest) => ModelReply | Promise<ModelReply>);

/** Models that answer from a script, whatever they are called. */
export class ScriptedModels implements ConfiguredModels {
  readonly #script: ModelScript;
  readonly #requests: ModelRequest[] = [];

  constructor(script: ModelScript) {
    this.#script = script;
  }

  /** What models were asked, in order. */
  get requests(): readonly ModelRequest[] {
    return this.#requests;
  }

  async call(request: ModelRequest): Promise<ModelAnswer> {
    this.#requests.push(request);
    const count = this.#requests.length;
    const reply = typeof this.#script === 'function' ? await this.#script(request) : this.#script[count - 1];
    if (reply === undefined) {
      throw new NodeFailure(
        `A model was asked for the ${count}. time, and the script has ${this.#script.length} answers: give more in models: [ … ].`,
        { kind: 'not_faked', retryable: false },
      );
    }
    return toAnswer(reply, request, count);
  }

  explainUnusable(): Promise<string | null> {
    return Promise.resolve(null);
  }

  describe(): Promise<ModelsDescription> {
    return Promise.resolve({ providers: [], aliases: [], priced: [] });
  }

  test(): Promise<ModelTest> {
    return Promise.resolve({ ok: false, kind: 'not_faked', message: 'Models answer from a script here.' });
  }

  configure(): void {
    // Whatever models there are, they answer from the script.
  }
}

function toAnswer(reply: ModelReply, request: ModelRequest, count: number): ModelAnswer {
  if (typeof reply === 'string') return toAnswer({ text: reply }, request, count);
  if ('error' in reply) {
    const { message, kind = 'model_overloaded', retryable = true } = reply.error;
    throw new NodeFailure(message, { kind, retryable });
  }
  const { output, toolCalls = [], usage = {} } = reply;
  const text = reply.text ?? (output === undefined ? '' : JSON.stringify(output));
  const calls = toolCalls.map(({ name, input }, index) => ({ id: `call_${count}_${index + 1}`, name, input }));
  return {
    model: request.models[0] ?? 'default',
    text,
    toolCalls: calls,
    finish: calls.length > 0 ? 'tool_calls' : 'stop',
    assistant: [{ type: 'text', text }, ...calls.map((call) => ({ type: 'tool-call', ...call }))],
    usage: { ...NO_USAGE, calls: 1, ...usage },
  };
}
