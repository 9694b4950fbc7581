import type { Problem } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { Chance } from '../../core/ports/isolation.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { PlannedNode, ExpressionScope } from '../../workflow/plan/plan.js';
import type { RunSecrets } from '../secrets/run-secrets.js';
import { chanceWithin } from '../../workflow/template/volatile.js';

/** A node's templates, evaluated and checked. */
export interface PreparedNode {
  readonly input: Json;
  readonly fields: { readonly [name: string]: Json };
  /** What its templates saw. */
  readonly scope: ExpressionScope;
  /** What they had chance and time from; undefined when none of them asks for either. */
  readonly chance: Chance | undefined;
}

interface Preparation {
  readonly node: PlannedNode;
  readonly scope: ExpressionScope;
  readonly chance?: Chance | undefined;
  readonly secrets: Pick<RunSecrets, 'open'>;
}

/**
 * At once where nothing is to be waited for. Throws a NodeFailure that is not retryable: the same values would give the
 * same answer.
 */
export function prepareNode(preparation: Preparation): PreparedNode | Promise<PreparedNode> {
  return preparation.node.secrets.length === 0 ? evaluateNode(preparation) : prepareWithSecrets(preparation);
}

async function prepareWithSecrets(preparation: Preparation): Promise<PreparedNode> {
  const { node, scope } = preparation;
  const prepared = await evaluateNode({
    ...preparation,
    scope: { ...scope, secrets: await preparation.secrets.open(node.secrets) },
  });
  return { ...prepared, scope };
}

function evaluateNode(preparation: Preparation): PreparedNode | Promise<PreparedNode> {
  const { node, scope, chance } = preparation;
  const input = node.with.evaluate(scope, chance && chanceWithin(chance, 'with'));
  if (input instanceof Promise) return input.then((evaluated) => prepareFields(preparation, evaluated));
  return prepareFields(preparation, input);
}

function prepareFields(preparation: Preparation, input: Json): PreparedNode | Promise<PreparedNode> {
  const { node, scope, chance } = preparation;
  const problems = node.checkWith(input);
  if (problems instanceof Promise) {
    return problems.then((found) => {
      throwInvalidConfig(node, 'with', found);
      return evaluateFields(preparation, input, Object.keys(node.fields));
    });
  }
  throwInvalidConfig(node, 'with', problems);
  const names = Object.keys(node.fields);
  return names.length === 0 ? { input, fields: NO_FIELDS, scope, chance } : evaluateFields(preparation, input, names);
}

async function evaluateFields(
  { node, scope, chance }: Preparation,
  input: Json,
  names: readonly string[],
): Promise<PreparedNode> {
  const fields: { [name: string]: Json } = {};
  for (const name of names) {
    const field = node.fields[name];
    if (field === undefined) continue;
    const found = await field.value.evaluate(scope, chanceWithin(chance, name));
    const value = field.takesSequence ? toList(found) : found;
    throwInvalidConfig(node, name, await field.check(value));
    fields[name] = value;
  }
  return { input, fields, scope, chance };
}

/** JSONata gives a list of one as the one, and an empty list as nothing. */
function toList(found: Json): Json {
  if (Array.isArray(found)) return found;
  return found === null ? [] : [found];
}

const NO_FIELDS = {};

function throwInvalidConfig(node: PlannedNode, where: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const list = problems.map((problem) => `${where}${problem.path}: ${problem.message}`).join('; ');
  throw new NodeFailure(`Node ${node.id} cannot start: ${list}`, { kind: 'invalid_config', retryable: false });
}
