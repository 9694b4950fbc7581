import type { Problem } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { PlannedNode, ExpressionScope } from '../../workflow/plan/plan.js';

/** A node's templates, evaluated and checked. */
export interface PreparedNode {
  readonly input: Json;
  readonly fields: { readonly [name: string]: Json };
  /** What its templates saw. */
  readonly scope: ExpressionScope;
}

/** At once where nothing is to be waited for. Throws a NodeFailure that is not retryable: the same values would give the same answer. */
export function prepareNode(node: PlannedNode, scope: ExpressionScope): PreparedNode | Promise<PreparedNode> {
  const input = node.with.evaluate(scope);
  if (input instanceof Promise) return input.then((evaluated) => prepareFields(node, scope, evaluated));
  return prepareFields(node, scope, input);
}

function prepareFields(node: PlannedNode, scope: ExpressionScope, input: Json): PreparedNode | Promise<PreparedNode> {
  const problems = node.checkWith(input);
  if (problems instanceof Promise) {
    return problems.then((found) => {
      refuse(node, 'with', found);
      return evaluateFields(node, scope, input, Object.keys(node.fields));
    });
  }
  refuse(node, 'with', problems);
  const names = Object.keys(node.fields);
  return names.length === 0 ? { input, fields: NO_FIELDS, scope } : evaluateFields(node, scope, input, names);
}

async function evaluateFields(
  node: PlannedNode,
  scope: ExpressionScope,
  input: Json,
  names: readonly string[],
): Promise<PreparedNode> {
  const fields: { [name: string]: Json } = {};
  for (const name of names) {
    const field = node.fields[name];
    if (field === undefined) continue;
    const found = await field.value.evaluate(scope);
    const value = field.takesSequence ? toList(found) : found;
    refuse(node, name, await field.check(value));
    fields[name] = value;
  }
  return { input, fields, scope };
}

/** JSONata gives a list of one as the one, and an empty list as nothing. */
function toList(found: Json): Json {
  if (Array.isArray(found)) return found;
  return found === null ? [] : [found];
}

const NO_FIELDS = {};

function refuse(node: PlannedNode, where: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const list = problems.map((problem) => `${where}${problem.path}: ${problem.message}`).join('; ');
  throw new NodeFailure(`Node ${node.id} cannot start: ${list}`, { kind: 'invalid_config', retryable: false });
}
