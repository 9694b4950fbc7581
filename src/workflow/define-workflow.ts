import { z } from 'zod';
import type { NodeDefinition, WorkflowDefinition } from '../core/workflow/definition.js';
import { ErrandError, errorMessage } from '../core/errors.js';
import type { Json, JsonSchema } from '../core/json.js';
import type { Handler, HandlerContext } from '../core/handlers/node-kind.js';
import { type DefinedWorkflow, WORKFLOW_MARK } from './defined-workflow.js';
import { itemPath } from './plan/item-path.js';
import { NotJsonError, toPlainJson } from './schema/plain-json.js';
import { INLINE } from './plan/uses.js';

/** An input as inline functions see it unless they say better: fields of any JSON. */
export interface LooseInput {
  readonly [name: string]: Json;
}

declare const handlerMark: unique symbol;

/** What `defineHandler` returns: a handler whose input type is its own affair. */
export interface TypedHandler {
  readonly [handlerMark]: true;
}

/** Gives a handler its types: `export default defineHandler<{ url: string }>(async ({ input, signal }) => …)`. */
export function defineHandler<Input = LooseInput, Output = unknown>(
  handler: Handler<Input, Output>,
): Handler<Input, Output> & TypedHandler {
  return handler as Handler<Input, Output> & TypedHandler;
}

/** Written as a method, so that a function may declare its own input type where that is told from `LooseInput`. */
type InlineHandler = { call(context: HandlerContext<LooseInput>): unknown }['call'];

/** A node's work, as it may stand in place of `uses`. */
interface InlineRun {
  readonly run?: InlineHandler | TypedHandler;
}

/** What a `map` does for each item. */
export interface InnerNodeSpec extends InlineRun {
  readonly kind: string;
  readonly uses?: string;
  readonly with?: Json;
  readonly retry?: NodeDefinition['retry'];
  readonly timeout?: NodeDefinition['timeout'];
  readonly nodes?: readonly NodeSpec[];
  readonly [field: string]: unknown;
}

export interface NodeSpec extends NodeDefinition, InlineRun {
  readonly uses?: string;
  readonly do?: InnerNodeSpec;
  readonly nodes?: readonly NodeSpec[];
  readonly tools?: readonly ToolSpec[];
}

/** A tool of an agent. */
export interface ToolSpec {
  readonly name?: string;
  readonly code?: string | InlineHandler | TypedHandler;
  readonly input?: z.ZodType | JsonSchema;
  readonly [field: string]: unknown;
}

/**
 * As a definition in YAML, but schemas (also a node's `output` and the `input` of a tool) may be zod's, `code` nodes
 * may hold their function as `run`, and tools as `code`.
 */
export interface WorkflowSpec extends Omit<WorkflowDefinition, 'input' | 'output' | 'nodes'> {
  readonly input?: z.ZodType | JsonSchema;
  readonly output?: z.ZodType | JsonSchema;
  readonly nodes: readonly NodeSpec[];
}

/**
 * Defines a workflow in TypeScript. Only the form is changed here: what is wrong with the definition is told when it is
 * loaded. Throws `invalid_definition` for a zod schema that JSON Schema cannot express and for values that are not
 * JSON.
 */
export function defineWorkflow(spec: WorkflowSpec): DefinedWorkflow {
  const functions: Functions = {};
  const { input, output, nodes, ...rest } = spec;
  const written = {
    ...rest,
    ...(input === undefined ? {} : { input: toJsonSchema(input, 'input') }),
    ...(output === undefined ? {} : { output: toJsonSchema(output, 'output') }),
    nodes: Array.isArray(nodes) ? nodes.map((node) => takeFunctions(node, String(node.id), functions)) : nodes,
  };
  let definition: WorkflowDefinition;
  try {
    definition = toPlainJson(written) as unknown as WorkflowDefinition;
  } catch (thrown) {
    if (!(thrown instanceof NotJsonError)) throw thrown;
    throw new ErrandError('invalid_definition', `Workflow ${JSON.stringify(spec.id)}: ${thrown.message}.`);
  }
  return Object.freeze({ definition, functions: Object.freeze(functions), [WORKFLOW_MARK]: true });
}

type Functions = { [nodePath: string]: Handler };

/**
 * A node as YAML would say it. No kind is known here: functions and zod schemas are told by their form. A node holds its
 * function as `run`, its schemas in fields of their own, other nodes by their `kind`, and lists of nodes, or of objects
 * that hold functions and schemas in turn. All else, and what is in `with`, stays as it is.
 */
function takeFunctions({ run, ...fields }: InlineRun, path: string, functions: Functions): object {
  const written = Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      field,
      field === 'with' ? value : takeField(field, value, `${path}/${field}`, functions),
    ]),
  );
  if (typeof run === 'function') {
    functions[path] = run as Handler;
    return { ...written, uses: written['uses'] ?? INLINE };
  }
  return run === undefined ? written : { ...written, run };
}

function takeField(field: string, value: unknown, path: string, functions: Functions): unknown {
  if (isZod(value)) return toJsonSchema(value, field === 'input' ? 'input' : 'output');
  if (Array.isArray(value))
    return (value as readonly unknown[]).map((item, index) =>
      isObject(item) && typeof item['kind'] === 'string'
        ? takeFunctions(item, `${path}/${String(item['id'])}`, functions)
        : takeItem(item, itemPath(path, item, index), functions),
    );
  return isObject(value) && typeof value['kind'] === 'string' ? takeFunctions(value, path, functions) : value;
}

function takeItem(item: unknown, path: string, functions: Functions): unknown {
  if (!isObject(item)) return item;
  const fields = Object.entries(item).map(([field, value]) => {
    if (typeof value !== 'function') return [field, isZod(value) ? takeField(field, value, path, functions) : value];
    functions[path] = value as Handler;
    return [field, INLINE];
  });
  return Object.fromEntries(fields);
}

function isObject(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isZod(value: unknown): value is z.ZodType {
  return typeof value === 'object' && value !== null && '_zod' in value;
}

function toJsonSchema(schema: z.ZodType | JsonSchema, side: 'input' | 'output'): JsonSchema {
  if (!isZod(schema)) return schema;
  try {
    return z.toJSONSchema(schema, {
      target: 'draft-2020-12',
      io: side,
      override: side === 'output' ? allowMore : () => undefined,
    }) as unknown as JsonSchema;
  } catch (thrown) {
    throw new ErrandError(
      'invalid_definition',
      `The ${side} schema cannot be a JSON Schema: ${errorMessage(thrown)}.`,
      {
        cause: thrown,
      },
    );
  }
}

/**
 * zod describes the output of a plain object as closed, because parsing strips what is unknown; a result is checked,
 * not stripped.
 */
function allowMore({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  const {
    _zod: { def },
  } = zodSchema;
  if (def.type === 'object' && def.catchall === undefined) delete jsonSchema.additionalProperties;
}
