import { createHash } from 'node:crypto';
import { errorMessage, type Problem } from '../../../core/errors.js';
import type { Json } from '../../../core/json.js';
import type { ToolCall, ToolResult } from '../../../core/models/models.js';
import { NodeFailure, Suspension, type NodeContext } from '../../../core/handlers/node-kind.js';
import { toPublicMessage } from '../../../core/text/public-message.js';
import { parseJson } from '../../../core/text/parse-json.js';
import { cutResult } from './cut-result.js';
import { readArguments } from './tool-arguments.js';
import { ToolError, type AgentTool } from './tool.js';

const AT_ONCE = 5;

interface Place {
  readonly context: NodeContext;
  readonly tools: ReadonlyMap<string, AgentTool>;
  /** The number of the model's call that asked for them, from 1. */
  readonly step: number;
}

type ToolOutput = Pick<ToolResult, 'output' | 'isError'>;
type Use = (place: Place, call: ToolCall, position: number) => Promise<ToolOutput | Suspension>;

/**
 * Uses the tools that one answer of a model asks for, and gives the results in its order. Those that start runs come
 * last, one after the other: each suspends the node, which then comes here again and finds what was done.
 */
export async function useTools(
  place: Place & { readonly calls: readonly ToolCall[] },
): Promise<readonly ToolResult[] | Suspension> {
  const { calls, tools } = place;
  const said: ToolOutput[] = [];
  const startsRun = (position: number): boolean => tools.get(calls[position]?.name ?? '')?.run !== undefined;
  const positions = [...calls.keys()];
  const use = async (position: number): Promise<Suspension | null> => {
    const call = calls[position];
    if (call === undefined) return null;
    const result = await useTool(place, call, position + 1);
    if (result instanceof Suspension) return result;
    said[position] = result;
    return null;
  };
  await sideBySide(
    positions.filter((position) => !startsRun(position)),
    use,
  );
  for (const position of positions.filter(startsRun)) {
    const suspension = await use(position);
    if (suspension !== null) return suspension;
  }
  return calls.map(({ id, name }, position) => ({ callId: id, name, ...(said[position] ?? NOTHING) }));
}

const NOTHING: ToolOutput = { output: 'The tool was not used', isError: true };

const useTool: Use = async (place, call, position) => {
  const { context, tools, step } = place;
  const tool = tools.get(call.name);
  if (tool === undefined) {
    return failed(`There is no tool "${call.name}"; there are ${[...tools.keys()].join(', ')}`);
  }
  // What cannot be kept exactly comes as the text that it was.
  const parsed = typeof call.input === 'string' ? parseJson(call.input) : null;
  if (parsed?.kind === 'fault' && parsed.reason === 'number') return failed(parsed.message);
  const { args, problems } = await readArguments(context, tool, call.input);
  if (problems.length > 0) return failed(`The arguments do not fit: ${describeProblems(problems)}`);
  // What is remembered belongs to this very call: when the model is asked anew, another may come to stand in its place.
  const key = `call ${step}.${position} ${call.name} ${hashArguments(call.input)}`;
  return tool.run === undefined
    ? callTool(context, { tool, args, key, callId: call.id })
    : runTool(context, tool.run(args), key);
};

function describeProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => `${path === '' ? 'they' : path} ${message}`).join('; ');
}

interface ToolUse {
  readonly tool: AgentTool;
  readonly args: Json;
  readonly key: string;
  /** The id that the model gave the call. */
  readonly callId: string;
}

function callTool(context: NodeContext, { tool, args, key, callId }: ToolUse): Promise<ToolOutput> {
  const use = async (): Promise<ToolOutput> => {
    try {
      const idempotencyKey = `${context.idempotencyKey}:${key.replaceAll(' ', '-')}`;
      const output = await tool.call?.({ context, key, args, idempotencyKey });
      return { output: cutResult(output ?? null), isError: false };
    } catch (thrown) {
      if (context.signal.aborted || isFatal(thrown)) throw thrown;
      return {
        output: cutResult(thrown instanceof ToolError ? thrown.output : toPublicMessage(errorMessage(thrown))),
        isError: true,
      };
    }
  };
  return context.toolStep<ToolOutput>(key, use, { name: tool.name, callId });
}

function hashArguments(args: Json): string {
  return createHash('sha256').update(JSON.stringify(args)).digest('hex').slice(0, 12);
}

/** What the model could do nothing about. */
function isFatal(thrown: unknown): boolean {
  return thrown instanceof NodeFailure && (thrown.kind === 'budget_exceeded' || thrown.kind === 'handler_missing');
}

async function runTool(
  context: NodeContext,
  start: Parameters<NodeContext['runChild']>[1],
  key: string,
): Promise<ToolOutput | Suspension> {
  const outcome = await context.runChild(key, start);
  if (outcome instanceof Suspension) return outcome;
  return outcome.status === 'completed'
    ? { output: cutResult(outcome.output), isError: false }
    : failed(outcome.error.message);
}

function failed(message: string): ToolOutput {
  return { output: message, isError: true };
}

/** Begins no more after a failure, which is thrown when those that had begun are over. */
async function sideBySide(positions: readonly number[], use: (position: number) => Promise<unknown>): Promise<void> {
  const left = [...positions];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined && failures.length === 0; next = left.shift()) {
      await use(next).catch((thrown: unknown) => failures.push(thrown));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, positions.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
