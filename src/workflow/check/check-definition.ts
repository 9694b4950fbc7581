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
  identifier,
  isFields,
  text,
  oneOf,
  trueOrFalse,
  wholeNumber,
} from './fields/check-fields.js';
import { checkRunBudget } from './spending/check-budget.js';
import { checkCredits, checkPriced } from './spending/check-credits.js';
import { checkGraph, readId } from './check-graph.js';
import type { NodeKinds } from './check-node.js';
import { checkSchema } from './check-schema.js';
import { findSearchableFaults } from '../searchable/find-searchable-faults.js';
import { checkSchedules } from './check-schedules.js';
import { checkResources } from './check-resources.js';
import { type DefinitionFault, Faults } from './fields/faults.js';
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
  credits: { check: checkCredits },
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
  budget: { check: checkRunBudget },
  models: { check: checkModels },
  result: { check: anything },
  summary: { check: text },
  schedules: { check: anything },
  secrets: { check: checkSecrets },
  searchable: { check: anything },
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
  checkPriced(checked.value, kinds, faults);
  checkSchedules(checked.value, faults);
  for (const { at, message, value } of findSearchableFaults(checked.value)) faults.add(at, message, value);
  const secrets = readSecrets(checked.value['secrets']);
  yield* checkGraph({ nodes, at: ['nodes'], kinds, outer: null, secrets, faults });
  if (resources !== undefined) checkResources({ nodes, kinds, resources, faults });
  const nodeIds = new Set(nodes.flatMap((node) => readId(node) ?? []));
  const atEnd: Reader = { nodeId: null, inItems: false, nodeIds, hasEnded: () => true, findUndecided: () => null };
  if (result !== undefined) checkExpressions(parseTemplate(result as Json), ['result'], atEnd, faults);
  if (typeof summary === 'string') checkExpressions(parseTemplate(summary), ['summary'], atEnd, faults);
  return faults;
}
