import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import { ErrandError } from '../../../core/errors.js';
import { isJsonObject, type Json, type JsonSchema } from '../../../core/json.js';
import { nullIfNotFound, quoteId } from '../../tool-kit/not-found.js';
import { parseJson } from '../../../core/text/parse-json.js';
import { slicePage } from '../../contract/paging.js';
import type { PromptEntry, PromptSource } from '../../contract/sources.js';
import { toToolName } from '../schemas/tool-name.js';

/** One prompt for each workflow, named by its id: a person fills its inputs in, a model starts it with them. */
export const nativePrompts: PromptSource = {
  async list({ cursor }, { services, caller }) {
    const workflows = await services.listWorkflows(caller);
    const page = slicePage(workflows, { cursor, keyOf: ({ version }) => version.workflowId });
    return { ...page, items: page.items.map(({ version }) => toEntry(version.definition)) };
  },

  async get({ name, args }, { services, caller }) {
    const workflow = await services.getWorkflow(caller, { workflowId: name }).catch(nullIfNotFound);
    if (workflow === null) throw new ErrandError('not_found', `There is no prompt ${quoteId(name)}.`);
    const { definition } = workflow.version;
    const text = promptText(definition, args);
    return {
      kind: 'value',
      description: definition.description,
      messages: [{ role: 'user', content: { type: 'text', text } }],
    };
  },
};

/** A property of a workflow's input, at its top. */
export interface InputField {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

export function inputFields({ input }: WorkflowDefinition): readonly InputField[] {
  const { properties, required } = input ?? {};
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    schema: isJsonObject(schema) ? schema : {},
    required: Array.isArray(required) && required.includes(name),
  }));
}

function toEntry(definition: WorkflowDefinition): PromptEntry {
  return {
    name: definition.id,
    title: definition.name,
    description: definition.description,
    arguments: inputFields(definition).map(({ name, schema, required }) => ({
      name,
      description: describeField(schema),
      required,
    })),
  };
}

function describeField(schema: JsonSchema): string {
  const { description, type, enum: values, default: otherwise } = schema;
  const parts: string[] = [];
  if (typeof description === 'string') parts.push(description.trim().replace(/[.\s]*$/, '.'));
  if (Array.isArray(values)) parts.push(`One of ${values.map((value: Json) => JSON.stringify(value)).join(', ')}.`);
  else if (typeof type === 'string' && type !== 'string') parts.push(`${type}, written as JSON.`);
  if (otherwise !== undefined) parts.push(`${JSON.stringify(otherwise)} if not given.`);
  return parts.join(' ');
}

function promptText(definition: WorkflowDefinition, args: { readonly [name: string]: string }): string {
  const fields = inputFields(definition);
  const given = Object.entries(args).filter(([, text]) => text.trim() !== '');
  const input = Object.fromEntries(
    given.map(([name, text]) => [name, toValue(text, fields.find((field) => field.name === name)?.schema ?? {})]),
  );
  const missing = fields.filter(({ name, required }) => required && !(name in input));
  return [
    `Run the workflow "${definition.name}" ${toolHint(definition)} with this input:`,
    JSON.stringify(input, null, 2),
    ...(missing.length === 0 ? [] : [`Ask me first for what is missing:\n${missing.map(renderQuestion).join('\n')}`]),
    'Wait until the run has ended, doing what its answers say under next_action, and then tell me what came of it.',
  ].join('\n\n');
}

function toolHint({ id, publish }: WorkflowDefinition): string {
  return publish === false ? `(the tool run_workflow with workflow_id "${id}")` : `(the tool ${toToolName(id)})`;
}

function renderQuestion({ name, schema }: InputField): string {
  return `- ${name}: ${describeField(schema) || 'text'}`;
}

/** Prompts take texts only; what the workflow wants is read out of them. */
function toValue(text: string, { type }: JsonSchema): Json {
  if (type === undefined || type === 'string') return text;
  const parsed = parseJson(text);
  return parsed.kind === 'json' && fitsType(parsed.json, type) ? parsed.json : text;
}

function fitsType(value: Json, type: Json): boolean {
  const types: readonly Json[] = Array.isArray(type) ? type : [type];
  return types.some((one) => {
    if (one === 'integer') return Number.isInteger(value);
    if (one === 'null') return value === null;
    if (one === 'array') return Array.isArray(value);
    if (one === 'object') return isJsonObject(value);
    return typeof value === one;
  });
}
