import type {
  HandlerRef,
  NodeDefinition,
  OnError,
  RetryDefinition,
  WorkflowDefinition,
} from '../core/workflow/definition.js';
import { creditCeiling, readPrice } from '../core/workflow/price.js';
import { ownerOfKey } from '../core/workflow/workflow-key.js';
import { doAtOnce, doInTurns, type Steps } from '../core/event-loop.js';
import { parseDuration } from '../core/time/duration.js';
import { ErrandError } from '../core/errors.js';
import type { Isolation } from '../core/ports/isolation.js';
import type { Json, JsonObject, JsonSchema } from '../core/json.js';
import type { FieldSpec, NodeKind } from '../core/handlers/node-kind.js';
import { findNamedByNode } from './check/check-calls.js';
import { findFieldHolders } from './check/field-holders.js';
import { kindOf } from './check/fields/kind-of.js';
import { inspectDefinition } from './check/check-definition.js';
import type { NodeKinds } from './check/check-node.js';
import { isolateFill } from './schema/fill-defaults.js';
import { itemPath } from './plan/item-path.js';
import type { Check } from './schema/check.js';
import type { Plan, PlannedBody, PlannedField, PlannedItem, PlannedNode, RetryPolicy, Template } from './plan/plan.js';
import { acceptAnything, compileSchema, isolateCheck } from './schema/schema.js';
import { findReferences } from './template/references.js';
import { compileTemplate, parseCondition, parseTemplate } from './template/template.js';

interface PlanSource {
  readonly definition: WorkflowDefinition;
  readonly version: number;
  /** See `workflowKey`; the definition's id when not given. */
  readonly key?: string;
  /** See `Plan`. */
  readonly isRestricted?: boolean;
  /**
   * By node id; for a map's inner node, `<map id>/do`; for a node of a group, `<group id>/nodes/<id>`; for an item of a
   * list, see `itemPath`.
   */
  readonly handlers: { readonly [nodePath: string]: HandlerRef };
  readonly kinds: NodeKinds;
  /** Where expressions and checks that may take long are done; without it, all are done by this thread. */
  readonly isolation?: Isolation | undefined;
}

const DEFAULT_CONCURRENCY = 10;
const NO_RETRY: RetryPolicy = {
  attempts: 1,
  backoff: 'exponential',
  initialMs: 1_000,
  maxMs: 60_000,
  on: null,
  except: [],
};

/**
 * Makes the plan of a definition. Throws `invalid_definition` with every fault of it, or when a node's function is not
 * named in `handlers`.
 */
export function createPlan(source: PlanSource): Plan {
  return doAtOnce(planSteps(source));
}

/** The same over as many turns of the event loop as it takes. */
export function createPlanInTurns(source: PlanSource): Promise<Plan> {
  return doInTurns(planSteps(source));
}

function* planSteps(source: PlanSource): Steps<Plan> {
  const { definition, version } = source;
  yield* assertNoFaults(source);
  const nodes: PlannedNode[] = [];
  for (const node of definition.nodes) {
    nodes.push(yield* planNode({ node, id: node.id, path: node.id, source }));
    yield;
  }
  const inputSchema: JsonSchema = definition.input ?? { type: 'object' };
  return Object.freeze<Plan>({
    workflowId: definition.id,
    key: source.key ?? definition.id,
    owner: ownerOfKey(source.key ?? definition.id),
    isRestricted: source.isRestricted === true,
    version,
    name: definition.name,
    credits: creditCeiling(definition),
    price: readPrice(definition),
    charge: definition.charge ?? 'result',
    inputSchema,
    outputSchema: definition.output ?? null,
    isolation: source.isolation,
    handlersIn: definition.isolation ?? null,
    fillInput: isolateFill(inputSchema, source.isolation),
    checkInput: compileCheck(inputSchema, source),
    checkOutput: compileCheck(definition.output, source),
    nodes: Object.freeze(nodes),
    concurrency: definition.concurrency ?? DEFAULT_CONCURRENCY,
    limits: Object.freeze({ ...definition.limits }),
    timeoutMs: parseDuration(definition.timeout),
    budget: definition.budget ?? null,
    isBudgeted: definition.budget !== undefined || nodes.some(({ budget }) => budget !== null),
    models: Object.freeze(findModels(definition, source.kinds)),
    resources: Object.freeze(findResources(definition, source.kinds)),
    secrets: Object.freeze([...(definition.secrets ?? [])]),
    searchable: Object.freeze([...(definition.searchable ?? [])]),
    calls: Object.freeze(findCalled(definition, source.kinds)),
    result: definition.result === undefined ? null : compileTemplate(definition.result, source.isolation),
    summary: definition.summary === undefined ? null : compileTemplate(definition.summary, source.isolation),
  });
}

function* assertNoFaults({ definition, kinds }: PlanSource): Steps<void> {
  const { list: faults } = yield* inspectDefinition({ definition, kinds });
  const problems = faults.map(({ path, message }) => ({ path, message }));
  if (problems.length === 0) return;
  const list = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new ErrandError('invalid_definition', `The workflow definition has faults: ${list}`, { problems });
}

interface NodeToPlan {
  readonly node: NodeDefinition;
  readonly id: string;
  /** See `handlers` of `PlanSource`. */
  readonly path: string;
  readonly source: PlanSource;
}

function* planNode({ node, id, path, source }: NodeToPlan): Steps<PlannedNode> {
  const kind = source.kinds.get(node.kind);
  if (kind === undefined) throw new ErrandError('invalid_definition', `There is no node kind "${node.kind}".`);
  const innerField = Object.keys(kind.fields).find((name) => kind.fields[name]?.role === 'node');
  const inner = innerField === undefined ? undefined : (node[innerField] as NodeDefinition | undefined);
  const evaluated = {
    when: node.when === undefined ? null : parseCondition(node.when, source.isolation).template,
    with: compileTemplate(node.with ?? {}, source.isolation),
    fields: planFields(kind, node, source),
    lists: planLists({ kind, node, path, source }),
    inner: inner === undefined ? null : yield* planInner(inner, `${path}/${innerField}`, source),
  };
  const body = yield* planBody(kind, node, path, source);
  return Object.freeze<PlannedNode>({
    id,
    kind,
    role: node.role ?? null,
    label: node.label ?? null,
    needs: Object.freeze([...(node.needs ?? [])]),
    join: node.join ?? 'all',
    ...evaluated,
    body,
    waits: kind.waits === true || (kind.waits?.(node) ?? false),
    holds: body !== null || (evaluated.inner !== null && isHeld(evaluated.inner)),
    secrets: kind.seesSecrets === true ? findSecrets(kind, node, source) : NONE,
    volatile: isVolatileNode(evaluated),
    checkWith: compileCheck(kind.withSchema, source),
    handler: hasHandler(kind.fields) ? findHandler(path, source) : null,
    retry: planRetry(node.retry),
    resource: node.resource ?? null,
    budget: node.budget ?? null,
    timeoutMs: parseDuration(node.timeout),
    ...planOnError(node.on_error ?? 'fail', source),
  });
}

const NONE: readonly string[] = [];

function planInner(node: NodeDefinition, path: string, source: PlanSource): Steps<PlannedNode> {
  return planNode({ node, id: path, path, source });
}

/** Whether a node for items has a record of its own: it may wait, or holds others. The rest is done in one go. */
export function isHeld({ waits, holds, inner }: PlannedNode): boolean {
  return waits || holds || inner !== null;
}

function* planBody(kind: NodeKind, node: NodeDefinition, path: string, source: PlanSource): Steps<PlannedBody | null> {
  const [field] = fieldsOfRole(kind, 'nodes');
  if (field === undefined) return null;
  const nodes = node[field] as readonly NodeDefinition[];
  const outcomes: { [field: string]: Template } = {};
  for (const name of fieldsOfRole(kind, 'outcome')) {
    const value = node[name] as Json | undefined;
    if (value !== undefined) outcomes[name] = planOutcome(value, kind.fields[name]?.isCondition === true, source);
  }
  const planned: PlannedNode[] = [];
  for (const held of nodes) {
    planned.push(yield* planNode({ node: held, id: held.id, path: `${path}/${field}/${held.id}`, source }));
    yield;
  }
  return Object.freeze({ nodes: Object.freeze(planned), outcomes: Object.freeze(outcomes) });
}

function planOutcome(value: Json, isCondition: boolean, { isolation }: PlanSource): Template {
  return isCondition ? parseCondition(value as string, isolation).template : compileTemplate(value, isolation);
}

function fieldsOfRole(kind: NodeKind, role: FieldSpec['role']): readonly string[] {
  return Object.keys(kind.fields).filter((name) => kind.fields[name]?.role === role);
}

/** What the node's expressions read of secrets. */
function findSecrets(kind: NodeKind, node: NodeDefinition, { definition }: PlanSource): readonly string[] {
  if ((definition.secrets ?? []).length === 0) return NONE;
  const fields = Object.keys(kind.fields).filter((name) => kind.fields[name]?.role === 'template');
  const values = [node.with, ...fields.map((name) => node[name] as Json | undefined)];
  const uses = values.flatMap((value) => (value === undefined ? [] : parseTemplate(value).uses));
  return Object.freeze([...new Set(uses.flatMap(({ expression }) => [...findReferences(expression).secrets]))]);
}

function isVolatileNode(node: Pick<PlannedNode, 'when' | 'with' | 'fields' | 'lists' | 'inner'>): boolean {
  const items = Object.values(node.lists).flat();
  const fields = [node.fields, ...items.map((item) => item.fields)].flatMap((each) => Object.values(each));
  const templates = [node.when, node.with, ...fields.map(({ value }) => value)];
  return node.inner?.volatile === true || templates.some((template) => template?.volatile === true);
}

function findModels(definition: WorkflowDefinition, kinds: NodeKinds): (readonly string[])[] {
  const lists = (definition.models ?? []).map((model): readonly string[] => [model]);
  for (const node of definition.nodes) {
    for (const { node: one } of findFieldHolders(kinds, node)) {
      if (one !== null) lists.push(kindOf(kinds, one)?.models?.(one) ?? []);
    }
  }
  return lists.filter((list) => list.length > 0);
}

function findResources(definition: WorkflowDefinition, kinds: NodeKinds): string[] {
  const nodes = definition.nodes.flatMap((node) => findFieldHolders(kinds, node).map((holder) => holder.node));
  return [...new Set(nodes.flatMap((node) => (typeof node?.['resource'] === 'string' ? [node['resource']] : [])))];
}

/** What agents may run as their tools is not among them: they can do without. */
function findCalled(definition: WorkflowDefinition, kinds: NodeKinds): string[] {
  const named = definition.nodes.flatMap((node) => findNamedByNode(kinds, node));
  return [...new Set(named.flatMap(({ names, listed, id }) => (names === 'workflow' && !listed ? [id] : [])))];
}

function planFields(
  kind: NodeKind,
  node: NodeDefinition,
  source: PlanSource,
): { readonly [name: string]: PlannedField } {
  const fields: { [name: string]: PlannedField } = {};
  for (const [name, spec] of Object.entries(kind.fields)) {
    const value = node[name] as Json | undefined;
    if (value === undefined || NO_VALUES.has(spec.role)) continue;
    fields[name] = planField(spec, value, resolveSchema(spec, node), source);
  }
  return Object.freeze(fields);
}

/** Roles of fields that are planned in other ways. */
const NO_VALUES: ReadonlySet<FieldSpec['role']> = new Set(['handler', 'node', 'nodes', 'outcome', 'list']);

function planField(spec: FieldSpec, value: Json, schema: JsonSchema, source: PlanSource): PlannedField {
  const template: Template =
    spec.role === 'template'
      ? compileTemplate(value, source.isolation)
      : { constant: true, volatile: false, evaluate: () => value };
  const takesSequence = spec.takesSequence === true && !template.constant;
  return { written: value, value: template, takesSequence, check: compileCheck(schema, source) };
}

function planLists(params: {
  readonly kind: NodeKind;
  readonly node: NodeDefinition;
  readonly path: string;
  readonly source: PlanSource;
}): PlannedNode['lists'] {
  const { kind, node, path, source } = params;
  const lists: { [name: string]: readonly PlannedItem[] } = {};
  for (const [name, { role, items }] of Object.entries(kind.fields)) {
    const value = node[name] as readonly JsonObject[] | undefined;
    if (role !== 'list' || items === undefined || value === undefined) continue;
    lists[name] = value.map((item, index) => planItem(item, items, itemPath(`${path}/${name}`, item, index), source));
  }
  return Object.freeze(lists);
}

function planItem(
  item: JsonObject,
  specs: NonNullable<FieldSpec['items']>,
  path: string,
  source: PlanSource,
): PlannedItem {
  const values: { [name: string]: Json } = {};
  const fields: { [name: string]: PlannedField } = {};
  let handler: HandlerRef | null = null;
  for (const [name, spec] of Object.entries(specs)) {
    const value = item[name];
    if (value === undefined) continue;
    if (spec.role === 'handler') handler = findHandler(path, source);
    else if (spec.role === 'template') fields[name] = planField(spec, value, spec.schema, source);
    else values[name] = value;
  }
  return Object.freeze({ values: Object.freeze(values), fields: Object.freeze(fields), handler });
}

/** What a field's value must fit: its kind's schema, or the one that another field of the node holds. */
function resolveSchema(spec: FieldSpec, node: NodeDefinition): JsonSchema {
  return spec.fits === undefined ? spec.schema : ((node[spec.fits] as JsonSchema | undefined) ?? spec.schema);
}

function hasHandler(fields: NodeKind['fields']): boolean {
  return Object.values(fields).some((field) => field.role === 'handler');
}

function findHandler(nodePath: string, { handlers }: PlanSource): HandlerRef {
  const handler = handlers[nodePath];
  if (handler === undefined) {
    throw new ErrandError('invalid_definition', `No function is known for the node "${nodePath}".`);
  }
  return handler;
}

function planOnError(onError: OnError, { isolation }: PlanSource): Pick<PlannedNode, 'onError' | 'fallback'> {
  if (typeof onError === 'string') return { onError, fallback: null };
  return { onError: 'use', fallback: compileTemplate(onError.use, isolation) };
}

function planRetry(retry: RetryDefinition | undefined): RetryPolicy {
  if (retry === undefined) return NO_RETRY;
  return Object.freeze({
    attempts: retry.attempts,
    backoff: retry.backoff ?? NO_RETRY.backoff,
    initialMs: parseDuration(retry.initial) ?? NO_RETRY.initialMs,
    maxMs: parseDuration(retry.max) ?? NO_RETRY.maxMs,
    on: retry.on ?? null,
    except: retry.except ?? [],
  });
}

function compileCheck(schema: JsonSchema | undefined, { isolation }: PlanSource): Check {
  if (schema === undefined) return acceptAnything;
  const compiled = compileSchema(schema);
  if (compiled.status === 'ok') return isolateCheck(schema, compiled.check, isolation);
  const problems = compiled.faults;
  throw new ErrandError('invalid_definition', problems.map(({ message }) => message).join('; '), { problems });
}
