import type { Problem } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { NodeFailure } from '../core/node-kind.js';
import type { PlannedNode, Scope } from '../workflow/plan.js';

/** A node's templates, evaluated and checked. */
export interface PreparedNode {
  readonly input: Json;
  readonly fields: { readonly [name: string]: Json };
  /** What its templates saw. */
  readonly scope: Scope;
}

/** Throws a NodeFailure that is not retryable: the same values would give the same answer. */
export async function prepareNode(node: PlannedNode, scope: Scope): Promise<PreparedNode> {
  const input = await node.with.evaluate(scope);
  refuse(node, 'with', node.checkWith(input));
  const names = Object.keys(node.fields);
  if (names.length === 0) return { input, fields: NO_FIELDS, scope };
  const fields: { [name: string]: Json } = {};
  for (const name of names) {
    const field = node.fields[name];
    if (field === undefined) continue;
    const value = await field.value.evaluate(scope);
    refuse(node, name, field.check(value));
    fields[name] = value;
  }
  return { input, fields, scope };
}

const NO_FIELDS = {};

function refuse(node: PlannedNode, where: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const list = problems.map((problem) => `${where}${problem.path}: ${problem.message}`).join('; ');
  throw new NodeFailure(`Node ${node.id} cannot start: ${list}`, { kind: 'invalid_config', retryable: false });
}
