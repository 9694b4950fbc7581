import type { Json } from '../../../core/json.js';
import type { CallContext } from '../../contract/call-context.js';
import { nullIfNotFound } from '../../tool-kit/not-found.js';
import type { Completion, CompletionSource } from '../../contract/sources.js';
import { inputFields } from './prompts.js';
import { RUN_TEMPLATE, WORKFLOW_TEMPLATE } from './resources.js';
import { renderRunId } from '../../../core/render/run-id.js';

const NONE: Completion = { values: [], total: 0, hasMore: false };
const MAX_VALUES = 100;

/** Ids for the templates (of the newest runs), and the values that a workflow's input schema names for its prompt. */
export const nativeCompletions: CompletionSource = {
  async complete({ ref, argument }, context) {
    if (ref.kind === 'prompt') return await completeField(ref.name, argument, context);
    if (argument.name !== 'id') return NONE;
    if (ref.uri === RUN_TEMPLATE) return beginningWith(argument.value, await newestRunIds(context));
    if (ref.uri === WORKFLOW_TEMPLATE) return beginningWith(argument.value, await workflowIds(context));
    return NONE;
  },
};

async function newestRunIds({ services, caller }: CallContext): Promise<readonly string[]> {
  const { runs } = await services.listRuns(caller, { limit: MAX_VALUES, offset: 0 });
  return runs.map(({ id }) => renderRunId(id));
}

async function workflowIds({ services, caller }: CallContext): Promise<readonly string[]> {
  return (await services.listWorkflows(caller)).map(({ version }) => version.workflowId);
}

async function completeField(
  workflowId: string,
  argument: { readonly name: string; readonly value: string },
  { services, caller }: CallContext,
): Promise<Completion> {
  const workflow = await services.getWorkflow(caller, { workflowId }).catch(nullIfNotFound);
  const fields = workflow === null ? [] : inputFields(workflow.version.definition);
  const schema = fields.find(({ name }) => name === argument.name)?.schema ?? {};
  return beginningWith(argument.value, namedValues(schema));
}

function namedValues({
  enum: values,
  type,
  examples,
  default: otherwise,
}: {
  readonly [keyword: string]: Json;
}): string[] {
  if (Array.isArray(values)) return values.map(toText);
  if (type === 'boolean') return ['true', 'false'];
  const suggested = Array.isArray(examples) ? examples.map(toText) : [];
  return otherwise === undefined ? suggested : [...new Set([toText(otherwise), ...suggested])];
}

function toText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function beginningWith(typed: string, values: readonly string[]): Completion {
  const wanted = typed.toLowerCase();
  const fitting = values.filter((value) => value.toLowerCase().startsWith(wanted));
  return { values: fitting.slice(0, MAX_VALUES), total: fitting.length, hasMore: fitting.length > MAX_VALUES };
}
