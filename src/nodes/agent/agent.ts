import { isJsonObject, type Json, type JsonSchema } from '../../core/json.js';
import type { ModelAnswer, ModelMessage, ModelRequest, TextPart, ToolCall } from '../../core/models/models.js';
import { NodeFailure, Suspension, type NodeContext, type NodeKind } from '../../core/handlers/node-kind.js';
import { readAnswer, repairPrompt, type StructuredAnswer } from '../../core/models/read-answer.js';
import { aboutAgent } from './about-agent.js';
import { RECORD_FINDINGS, REPORT_PROGRESS } from './tools/built-in-tools.js';
import { findTools } from './tools/find-tools.js';
import type { AgentTool } from './tools/tool.js';
import { checkTools, hasWorkflowTool, TOOLS_FIELD } from './tools/tool-fields.js';
import { showTool } from './tools/tool-arguments.js';
import { useTools } from './tools/use-tools.js';
import { MODEL_FIELDS, listModels, readModelFields, standInAnswer, type ModelFields } from '../shared/model-fields.js';
import { tellFindings } from '../shared/tell-findings.js';

const DEFAULT_STEPS = 20;
const MAX_STEPS = 200;
const DEFAULT_REPAIRS = 2;

/**
 * Lets a model work towards a goal with tools; the output is its last answer. Each call of the model and of a tool is a
 * durable step, keyed by its place in the conversation: whoever goes on with the node goes through the conversation
 * again and makes only the calls that are missing.
 */
export const agentKind: NodeKind = {
  kind: 'agent',
  description: 'Lets a model work towards a goal with tools.',
  fields: {
    goal: {
      description: 'What the model is to achieve.',
      schema: { type: 'string', minLength: 1 },
      required: true,
      role: 'template',
    },
    tools: TOOLS_FIELD,
    max_steps: {
      description: `How often the model may be called; ${DEFAULT_STEPS} when not given.`,
      schema: { type: 'integer', minimum: 1, maximum: MAX_STEPS },
      role: 'template',
    },
    ...MODEL_FIELDS,
  },
  waits: hasWorkflowTool,
  check: checkTools,
  models: listModels,
  standIn: standInAnswer,
  execute: async (context) => {
    const tools = await findTools(context);
    const asks = readModelFields(context, aboutAgent(context.fields['output'] as JsonSchema | undefined));
    return new Conversation({ context, tools, asks }).run();
  },
};

class Conversation {
  readonly #context: NodeContext;
  readonly #tools: ReadonlyMap<string, AgentTool>;
  readonly #asks: ModelFields;
  readonly #messages: ModelMessage[];
  /** The model itself says how far it is. */
  #reports = false;
  #hasFindings = false;

  constructor(params: {
    readonly context: NodeContext;
    readonly tools: ReadonlyMap<string, AgentTool>;
    readonly asks: ModelFields;
  }) {
    this.#context = params.context;
    this.#tools = params.tools;
    this.#asks = params.asks;
    const goal = text(params.context.fields['goal'] as string);
    this.#messages = [{ role: 'user', content: [goal, ...params.asks.files] }];
  }

  async run(): Promise<Json | Suspension> {
    const context = this.#context;
    const { max_steps: most } = context.fields;
    const steps = typeof most === 'number' ? most : DEFAULT_STEPS;
    const repairs = this.#asks.repairs ?? DEFAULT_REPAIRS;
    let repaired = 0;
    for (let step = 1; step <= steps; step += 1) {
      const answer = await context.callModel(`call ${step}`, this.#request(repaired > 0));
      const { toolCalls: calls } = answer;
      if (calls.length > 0) {
        this.#tellProgress(step, calls);
        const results = await useTools({ context, tools: this.#tools, step, calls });
        if (results instanceof Suspension) return results;
        this.#messages.push({ role: 'assistant', content: answer.assistant }, { role: 'tool', results });
        continue;
      }
      const read = await this.#read(answer);
      if (read.fault === null) return this.#end(read.output);
      if (repaired >= repairs) throw misfit(answer.model, read.fault);
      repaired += 1;
      const repair = text(repairPrompt(read.fault, this.#asks.output !== null));
      this.#messages.push({ role: 'assistant', content: answer.assistant }, { role: 'user', content: [repair] });
    }
    throw new NodeFailure(`${context.node.label ?? context.node.id} was not done after ${steps} steps (max_steps)`, {
      kind: 'step_limit',
      anew: true,
    });
  }

  #request(isRepair: boolean): ModelRequest {
    const { models, system, settings, output } = this.#asks;
    return {
      models,
      system,
      // A copy: the list grows with each step.
      messages: [...this.#messages],
      tools: [...this.#tools.values()].map(showTool),
      settings,
      // By then all that is wanted is an answer in another form.
      ...(isRepair ? { toolChoice: 'none', ...(output === null ? {} : { output }) } : {}),
    };
  }

  async #read(answer: ModelAnswer): Promise<StructuredAnswer> {
    const { output } = this.#asks;
    if (output !== null) return readAnswer(answer, (value) => this.#context.checkJson(output, value));
    const read = await readAnswer(answer, null);
    return read.fault === null && answer.text.trim() === '' ? { fault: 'the answer is empty' } : read;
  }

  /** Nobody knows how many steps there will be: each is taken for a fifth of what is left, or so. */
  #tellProgress(step: number, calls: readonly ToolCall[]): void {
    this.#reports ||= calls.some(({ name, input }) => name === REPORT_PROGRESS && isJsonObject(input));
    this.#hasFindings ||= calls.some(({ name }) => name === RECORD_FINDINGS);
    if (this.#reports) return;
    const used = calls.map(({ name }) => name).filter((name) => name !== RECORD_FINDINGS);
    const message = used.length === 0 ? [] : [`uses ${[...new Set(used)].join(', ')}`];
    this.#context.progress(Math.floor(90 * (1 - Math.exp(-step / 5))), ...message);
  }

  #end(output: Json): Json {
    const findings = this.#hasFindings || this.#context.node.role === null ? null : tellFindings(output);
    if (findings !== null) this.#context.findings(findings);
    return output;
  }
}

function misfit(model: string, fault: string): NodeFailure {
  return new NodeFailure(`${model} gave no result that fits: ${fault}`, { kind: 'invalid_output', anew: true });
}

function text(words: string): TextPart {
  return { type: 'text', text: words };
}
