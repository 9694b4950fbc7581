import type { Json, JsonSchema } from '../../../core/json.js';
import type { NodeContext, StartRunOptions } from '../../../core/handlers/node-kind.js';

export interface ToolUse {
  readonly context: NodeContext;
  /**
   * Names the step in which it is used: the same in every attempt, another for every call. It is made of the place in
   * the conversation, the tool and its arguments.
   */
  readonly key: string;
  /** For services that can tell repeats by it. */
  readonly idempotencyKey: string;
  /** They fit `inputSchema`. */
  readonly args: Json;
}

/** Something that a model may call. */
export interface AgentTool {
  readonly name: string;
  readonly description: string;
  /** What its arguments must fit; a model is shown a form of it. */
  readonly inputSchema: JsonSchema;
  /** Does the work and gives what the model is told; what it throws, the model is told as an error. */
  readonly call?: (use: ToolUse) => Promise<Json>;
  /** In the place of `call`: the run that is started, whose output the model is told. */
  readonly run?: (args: Json) => StartRunOptions;
}

/** A tool that says itself that it failed, and what it says. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly output: Json;

  constructor(output: Json) {
    super('The tool failed');
    this.output = output;
  }
}
