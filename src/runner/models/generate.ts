import {
  addUsage,
  type ModelAnswer,
  type ModelMessage,
  type ModelRequest,
  NO_USAGE,
  type TextPart,
} from '../../core/models/models.js';
import {
  NodeFailure,
  type CallModelOptions,
  type Generated,
  type GenerateRequest,
} from '../../core/handlers/node-kind.js';
import type { Isolation } from '../../core/ports/isolation.js';
import { readAnswer, repairPrompt } from '../../core/models/read-answer.js';
import type { Check } from '../../workflow/schema/check.js';
import { compileSchema, isolateCheck } from '../../workflow/schema/schema.js';

const DEFAULT_REPAIRS = 2;
const MAX_REPAIRS = 10;

type CallModel = (key: string, request: ModelRequest, options?: CallModelOptions) => Promise<ModelAnswer>;

/** Asks a model, and again with what is wrong with its answer until that fits the schema. */
export async function generate<Output>(params: {
  readonly request: GenerateRequest;
  readonly key: string;
  readonly callModel: CallModel;
  readonly isolation: Isolation | undefined;
}): Promise<Generated<Output>> {
  const { request, key, callModel, isolation } = params;
  const check = compileCheck(request, isolation);
  const messages: ModelMessage[] = [{ role: 'user', content: [text(request.prompt), ...(request.files ?? [])] }];
  const repairs = Math.min(request.repairs ?? DEFAULT_REPAIRS, MAX_REPAIRS);
  let usage = NO_USAGE;
  for (let repair = 0; ; repair += 1) {
    const options = request.onText === undefined ? {} : { onText: request.onText };
    const answer = await callModel(
      repair === 0 ? key : `${key}, repair ${repair}`,
      toModel(request, messages),
      options,
    );
    usage = addUsage(usage, answer.usage);
    const read = await readAnswer(answer, check);
    if (read.fault === null) return { model: answer.model, text: answer.text, output: read.output as Output, usage };
    if (repair >= repairs) throw misfit(answer.model, read.fault, repairs);
    messages.push(
      { role: 'assistant', content: answer.assistant },
      { role: 'user', content: [text(repairPrompt(read.fault, check !== null))] },
    );
  }
}

function toModel(request: GenerateRequest, messages: readonly ModelMessage[]): ModelRequest {
  const { model = 'default', system = null, output, settings } = request;
  return {
    models: typeof model === 'string' ? [model] : model,
    system,
    // A copy: the list grows with each repair.
    messages: [...messages],
    ...(output === undefined ? {} : { output }),
    ...(settings === undefined ? {} : { settings }),
  };
}

function compileCheck({ output }: GenerateRequest, isolation: Isolation | undefined): Check | null {
  if (output === undefined) return null;
  const compiled = compileSchema(output);
  if (compiled.status === 'ok') return isolateCheck(output, compiled.check, isolation);
  const faults = compiled.faults.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
  throw new NodeFailure(`"output" is no JSON Schema: ${faults}`, { kind: 'invalid_config', retryable: false });
}

function misfit(model: string, fault: string, repairs: number): NodeFailure {
  const tries = repairs === 0 ? '' : ` after ${repairs} ${repairs === 1 ? 'repair' : 'repairs'}`;
  return new NodeFailure(`${model} gave no answer that fits${tries}: ${fault}`, { kind: 'invalid_output', anew: true });
}

function text(words: string): TextPart {
  return { type: 'text', text: words };
}
