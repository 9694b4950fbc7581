import type { Json } from '../../../src/core/json.js';
import {
  NO_USAGE,
  type ModelAnswer,
  type ModelRequest,
  type Models,
  type Usage,
} from '../../../src/core/models/models.js';
import { NodeFailure } from '../../../src/core/handlers/node-kind.js';

/** A text, calls of tools, a text that was cut off, or a failure. */
export type Said =
  | string
  | { readonly calls: readonly (readonly [name: string, input: Json])[] }
  | { readonly cutOff: string }
  | Error
  /** The same, once these models have been asked, which told what they used and failed. */
  | { readonly lost: readonly string[]; readonly ends: Said }
  | typeof NO_ANSWER;

/** Until the caller hangs up. */
export const NO_ANSWER = { answers: false } as const;

/** By each call. */
export const USED: Usage = { ...NO_USAGE, calls: 1, inputTokens: 100, outputTokens: 20, costMicros: 1_500 };

export const calls = (...made: (readonly [name: string, input: Json])[]): Said => ({ calls: made });

/** What is said one after the other, or what a function makes of each request. */
export type Script = readonly Said[] | readonly [(request: ModelRequest) => Said];

/** Keeps what it was asked. */
export class ScriptedModels implements Models {
  readonly asked: ModelRequest[] = [];
  readonly #say: (request: ModelRequest) => Said;

  constructor(...said: Script) {
    const [first] = said;
    const left = [...said] as Said[];
    const exhausted = new NodeFailure('nothing more to say', { kind: 'model_overloaded' });
    this.#say = typeof first === 'function' ? first : () => left.shift() ?? exhausted;
  }

  async call(request: ModelRequest, options: Parameters<Models['call']>[1]): Promise<ModelAnswer> {
    this.asked.push(request);
    const { onText, onLost, signal } = options;
    let said = this.#say(request);
    if (typeof said === 'object' && 'lost' in said) {
      for (const model of said.lost) onLost?.({ ...USED, model });
      said = said.ends;
    }
    if (said === NO_ANSWER) {
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    }
    if (said instanceof Error) throw said;
    const text = typeof said === 'string' ? said : 'cutOff' in said ? said.cutOff : '';
    const made = typeof said === 'object' && 'calls' in said ? said.calls : [];
    if (text !== '') onText?.(text, 0);
    // By its place in the conversation, so that the same is said again to the same request.
    const turn = Math.ceil(request.messages.length / 2);
    const toolCalls = made.map(([name, input], index) => ({ id: `c${turn}-${index + 1}`, name, input }));
    return {
      model: 'test/one',
      text,
      toolCalls,
      finish: typeof said === 'object' && 'cutOff' in said ? 'length' : toolCalls.length > 0 ? 'tool_calls' : 'stop',
      assistant: [{ type: 'text', text }, ...toolCalls],
      usage: USED,
    };
  }

  async explainUnusable(): Promise<null> {
    return null;
  }

  /** The results of tools that the model was told with its n-th request (from 1): `[output, isError]`. */
  results(request: number): (readonly [Json, boolean])[] {
    const last = this.asked[request - 1]?.messages.at(-1);
    return last?.role === 'tool' ? last.results.map(({ output, isError }) => [output, isError] as const) : [];
  }

  /** The text of the newest message of the n-th request. */
  told(request: number): string {
    return JSON.stringify(this.asked[request - 1]?.messages.at(-1));
  }
}
