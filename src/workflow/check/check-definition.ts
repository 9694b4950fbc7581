import { doAtOnce, type Steps } from '../../core/event-loop.js';
import type { Json } from '../../core/json.js';
import { CHARGES, HANDLER_ISOLATIONS } from '../../core/workflow/definition.js';
import { SECRET_NAME_PATTERN, SECRET_NAME_RULE } from '../../core/secrets/secret-name.js';
import { checkExpressions, type Reader } from './check-expressions.js';
import {
  anything,
  checkFields,
  duration,
  type FieldRules,
  type Fields,
  identifier,
  isFields,
  text,
  oneOf,
  trueOrFalse,
  wholeNumber,
} from './check-fields.js';
import { checkBudget } from './check-budget.js';
import { checkNode, type NodeKinds } from './check-node.js';
import { checkSchema } from './check-schema.js';
import { checkSchedules } from './check-schedules.js';
import { checkResources } from './check-resources.js';
import { type DefinitionFault, Faults } from './faults.js';
import { Ancestry, findCycles, type Graph } from '../plan/graph.js';
import { didYouMean } from '../schema/did-you-mean.js';
import { parseTemplate } from '../template/template.js';
import { showType, type DefinitionPath } from '../schema/value-text.js';

const WORKFLOW_ID = identifier(/^[a-z][a-z0-9_]{0,99}$/, 'lower-case letters, digits and _, starting with a letter');

const SECRET_NAME = identifier(SECRET_NAME_PATTERN, SECRET_NAME_RULE);

const LIMITS_RULES: FieldRules = {
  runs: { check: wholeNumber(1, 1_000_000) },
  nodes: { check: wholeNumber(1, 1_000_000) },
};

const WORKFLOW_RULES: FieldRules = {
  id: { required: true, check: WORKFLOW_ID },
  name: { required: true, check: text },
  description: { required: true, check: text },
  credits: { check: wholeNumber(0) },
  charge: { check: oneOf(...CHARGES) },
  estimated_duration: { check: text },
  publish: { check: trueOrFalse },
  input: { check: checkSchema },
  output: { check: checkSchema },
  nodes: { required: true, check: anything },
  concurrency: { check: wholeNumber(1, 1_000) },
  isolation: { check: oneOf(...HANDLER_ISOLATIONS) },
  limits: {
    check: (value, at, faults) => {
      checkFields({ value, at, what: 'limits', rules: LIMITS_RULES, faults });
    },
  },
  timeout: { check: duration(1) },
  budget: { check: checkBudget },
  models: { check: checkModels },
  result: { check: anything },
  summary: { check: text },
  schedules: { check: anything },
  secrets: { check: checkSecrets },
};

function checkModels(value: unknown, at: DefinitionPath, faults: Faults): void {
  if (!Array.isArray(value)) faults.add(at, `must be a list of models, not ${showType(value)}`, value);
  else for (const [index, model] of (value as readonly unknown[]).entries()) text(model, [...at, index], faults);
}

function checkSecrets(value: unknown, at: DefinitionPath, faults: Faults): void {
  if (!Array.isArray(value)) faults.add(at, `must be a list of names of secrets, not ${showType(value)}`, value);
  else for (const [index, name] of (value as readonly unknown[]).entries()) SECRET_NAME(name, [...at, index], faults);
}

/** Those of a definition as it is written. */
function readSecrets(secrets: unknown): ReadonlySet<string> {
  return new Set(Array.isArray(secrets) ? secrets.filter((name): name is string => typeof name === 'string') : []);
}

interface DefinitionToCheck {
  readonly definition: unknown;
  readonly kinds: NodeKinds;
  /** The names of those that are declared; when not given, any may be named. */
  readonly resources?: ReadonlySet<string>;
}

/** Everything that is wrong with a definition, at once. An empty list: a plan can be made of it. */
export function checkDefinition(params: DefinitionToCheck): readonly DefinitionFault[] {
  return doAtOnce(inspectDefinition(params)).list;
}

/** The same with warnings, a step for each node. */
export function* inspectDefinition({ definition, kinds, resources }: DefinitionToCheck): Steps<Faults> {
  const faults = new Faults();
  const checked = { value: definition, at: [], what: 'a workflow', rules: WORKFLOW_RULES, faults };
  if (!checkFields(checked)) return faults;
  const { nodes, result, summary, charge } = checked.value;
  if (nodes === undefined) return faults;
  if (!Array.isArray(nodes)) {
    faults.add(['nodes'], `must be a list of nodes, not ${showType(nodes)}`, nodes);
    return faults;
  }
  if (nodes.length === 0) faults.add(['nodes'], 'a workflow needs at least one node', nodes);
  if (charge === 'completed_agents' && !nodes.some((node) => isFields(node) && node['role'] !== undefined)) {
    faults.add(
      ['charge'],
      'charges for agents, and no node is one: give those that are a "role" and a "label"',
      charge,
    );
  }
  checkSchedules(checked.value, faults);
  yield* checkNodes(checked.value, nodes, kinds, faults);
  if (resources !== undefined) checkResources({ nodes, kinds, resources, faults });
  const nodeIds = new Set(nodes.flatMap((node) => readId(node) ?? []));
  const atEnd: Reader = { nodeId: null, inItems: false, nodeIds, hasEnded: () => true, findUndecided: () => null };
  if (result !== undefined) checkExpressions(parseTemplate(result as Json), ['result'], atEnd, faults);
  if (typeof summary === 'string') checkExpressions(parseTemplate(summary), ['summary'], atEnd, faults);
  return faults;
}

function* checkNodes(workflow: Fields, nodes: readonly unknown[], kinds: NodeKinds, faults: Faults): Steps<void> {
  const secrets = readSecrets(workflow['secrets']);
  const graph = makeGraph(nodes);
  const nodeIds = new Set(graph.keys());
  const ancestry = new Ancestry(graph);
  yield;
  for (const [index, node] of nodes.entries()) {
    const at = ['nodes', index];
    const id = readId(node);
    const self = id ?? '';
    const isUndecided = (other: string): boolean =>
      other !== self && !ancestry.has(self, other) && !ancestry.has(other, self);
    const reader: Reader = {
      nodeId: id,
      inItems: false,
      nodeIds,
      hasEnded: (other) => ancestry.has(self, other),
      findUndecided: () => [...nodeIds].find(isUndecided) ?? null,
    };
    checkNode({ node, at, kinds, reader, secrets, faults });
    if (isFields(node)) checkNeeds(node, at, nodeIds, faults);
    yield;
  }
  checkIdsAreUnique(nodes, faults);
  for (const cycle of findCycles(graph)) {
    const [first = ''] = cycle;
    const index = nodes.findIndex((node) => readId(node) === first);
    const told =
      cycle.length === 1
        ? `"${first}" needs itself`
        : `nodes need each other in a circle: ${[...cycle, first].join(' -> ')}`;
    faults.add(['nodes', index, 'needs'], told, readNeeds(nodes[index]));
  }
}

function makeGraph(nodes: readonly unknown[]): Graph {
  const ids = new Set(nodes.flatMap((node) => readId(node) ?? []));
  const graph = new Map<string, readonly string[]>();
  for (const node of nodes) {
    const id = readId(node);
    if (id !== null)
      graph.set(
        id,
        readNeeds(node).filter((need) => ids.has(need)),
      );
  }
  return graph;
}

function readId(node: unknown): string | null {
  return isFields(node) && typeof node['id'] === 'string' ? node['id'] : null;
}

function readNeeds(node: unknown): readonly string[] {
  const needs = isFields(node) ? node['needs'] : undefined;
  return Array.isArray(needs) ? needs.filter((need) => typeof need === 'string') : [];
}

function checkNeeds(node: Fields, at: DefinitionPath, nodeIds: ReadonlySet<string>, faults: Faults): void {
  const needs = node['needs'];
  if (needs === undefined) return;
  if (!Array.isArray(needs)) {
    faults.add([...at, 'needs'], `must be a list of node ids, not ${showType(needs)}`, needs);
    return;
  }
  for (const [index, need] of (needs as readonly unknown[]).entries()) {
    const place = [...at, 'needs', index];
    if (typeof need !== 'string') faults.add(place, `must be a node's id, not ${showType(need)}`, need);
    else if (!nodeIds.has(need)) faults.add(place, `no node has this id${didYouMean(need, nodeIds)}`, need);
    else if (needs.indexOf(need) !== index) faults.add(place, 'is there twice', need);
  }
}

function checkIdsAreUnique(nodes: readonly unknown[], faults: Faults): void {
  const first = new Map<string, number>();
  for (const [index, node] of nodes.entries()) {
    const id = readId(node);
    if (id === null) continue;
    const before = first.get(id);
    if (before === undefined) first.set(id, index);
    else faults.add(['nodes', index, 'id'], `another node has this id already: nodes[${before}]`, id);
  }
}
