import type { WorkflowDefinition } from '../../../core/workflow/definition.js';
import type { NodeKind } from '../../../core/handlers/node-kind.js';
import { findCeiling } from '../../../core/workflow/price.js';
import { type DefinitionPath, showType } from '../../schema/value-text.js';
import {
  checkFields,
  type FieldCheck,
  type FieldRules,
  type Fields,
  isFields,
  wholeNumber,
} from '../fields/check-fields.js';
import { kindOf } from '../fields/kind-of.js';
import type { Faults } from '../fields/faults.js';

type NodeKinds = ReadonlyMap<string, NodeKind>;

const MAX_CREDITS = 1_000_000_000;
const MAX_RATE = 1_000_000;

/** More decimals could not be added up exactly. */
const rate: FieldCheck = (value, at, faults) => {
  const isRate = typeof value === 'number' && value >= 0 && value <= MAX_RATE;
  if (!isRate || Math.abs(value * 1_000 - Math.round(value * 1_000)) > 1e-6)
    faults.add(at, `must be a number from 0 to ${MAX_RATE} with at most three decimals`, value);
};

const RATES: FieldRules = {
  base: { check: wholeNumber(0, MAX_CREDITS) },
  per_item: { check: rate },
  per_1k_tokens: { check: rate },
};

const PRICE: FieldRules = {
  ...RATES,
  nodes: { check: checkNodeRates },
  max: { check: wholeNumber(0, MAX_CREDITS) },
};

/** What a run costs: a whole number of credits, or a price by use. */
export function checkCredits(value: unknown, at: DefinitionPath, faults: Faults): void {
  if (isFields(value)) checkFields({ value, at, what: 'a price', rules: PRICE, faults });
  else if (typeof value === 'number') wholeNumber(0)(value, at, faults);
  else faults.add(at, `must be a whole number, 0 or more, or a price, not ${showType(value)}`, value);
}

function checkNodeRates(value: unknown, at: DefinitionPath, faults: Faults): void {
  if (!isFields(value)) faults.add(at, `must be the rates of nodes by their ids, not ${showType(value)}`, value);
  else
    for (const [id, rates] of Object.entries(value))
      checkFields({ value: rates, at: [...at, id], what: "a node's price", rules: RATES, faults });
}

/** What a sound price says of the workflow that it is the price of. */
export function checkPriced(workflow: Fields, kinds: NodeKinds, faults: Faults): void {
  const { credits, charge } = workflow;
  const nodes = readNodes(workflow['nodes']);
  if (charge === 'use' && !isFields(credits))
    faults.add(
      ['charge'],
      'charges for use, and "credits" has no price for it: give it per_item or per_1k_tokens',
      charge,
    );
  checkSharedCredits(workflow, nodes, faults);
  if (!isFields(credits)) return;
  const own = isFields(credits['nodes']) ? credits['nodes'] : {};
  for (const id of Object.keys(own)) checkNode({ id, own, nodes, kinds, faults });
  if (isAbove0(credits['per_item']) && !nodes.some((node) => hasItems(node, kinds)))
    faults.add(
      ['credits', 'per_item'],
      'is for each item of a map, and no node is one or holds one',
      credits['per_item'],
    );
  if (!isSound(faults)) return;
  checkCeiling({ ...workflow, nodes } as unknown as WorkflowDefinition, faults);
}

/** A run that could not be started by itself. */
function checkSharedCredits(workflow: Fields, nodes: readonly Fields[], faults: Faults): void {
  const { budget } = workflow;
  const limit = isFields(budget) ? budget['credits'] : undefined;
  if (typeof limit !== 'number' || !isSound(faults)) return;
  const ceiling = findCeiling({ ...workflow, nodes } as unknown as WorkflowDefinition) ?? 0;
  if (ceiling > limit)
    faults.add(['budget', 'credits'], `is less than the ${ceiling} credits that a run reserves itself`, limit);
}

interface NodeToPrice {
  readonly id: string;
  readonly own: Fields;
  readonly nodes: readonly Fields[];
  readonly kinds: NodeKinds;
  readonly faults: Faults;
}

function checkNode({ id, own, nodes, kinds, faults }: NodeToPrice): void {
  const node = nodes.find((candidate) => candidate['id'] === id);
  const rates = own[id];
  const at = ['credits', 'nodes', id];
  if (node === undefined) faults.add(at, `there is no node "${id}" in the list of nodes`);
  else if (isFields(rates) && isAbove0(rates['per_item']) && !hasItems(node, kinds))
    faults.add([...at, 'per_item'], `is for each item of a map, and "${id}" is none and holds none`, rates['per_item']);
}

function checkCeiling(workflow: WorkflowDefinition, faults: Faults): void {
  const { credits } = workflow;
  if (typeof credits !== 'object') return;
  const ceiling = findCeiling(workflow);
  const bases = findCeiling({ ...workflow, credits: withoutRates(credits) }) ?? 0;
  if (ceiling === null)
    faults.add(
      ['credits'],
      'needs "max", what a run costs at most and reserves: its items, or the tokens of what pays for them, have no bound',
    );
  else if (ceiling > MAX_CREDITS) faults.add(['credits'], `comes to more than ${MAX_CREDITS} credits`);
  else if (ceiling < bases)
    faults.add(['credits', 'max'], `is less than the ${bases} credits of what costs the same in each run`, credits.max);
}

/** Only what costs the same in each run. */
function withoutRates({ base = 0, nodes = {} }: Exclude<WorkflowDefinition['credits'], number | undefined>) {
  const own = Object.entries(nodes).map(([id, rates]) => [id, { base: rates.base ?? 0 }]);
  return { base, nodes: Object.fromEntries(own) as { readonly [id: string]: { readonly base: number } } };
}

function isSound({ list }: Faults): boolean {
  return !list.some(({ at }) => at[0] === 'credits' || at[0] === 'budget');
}

function readNodes(nodes: unknown): readonly Fields[] {
  return Array.isArray(nodes) ? (nodes as readonly unknown[]).filter(isFields) : [];
}

/** Nodes do not stand in each other deeper. What goes deeper has a fault that is told elsewhere. */
const MAX_NESTED = 8;

/** Whether it, or a node inside it, runs a node for each item of a list. */
function hasItems(node: Fields, kinds: NodeKinds, depth = 0): boolean {
  const kind = kindOf(kinds, node);
  if (kind === undefined || depth > MAX_NESTED) return false;
  return Object.entries(kind.fields).some(([field, { role }]) => {
    if (role !== 'nodes') return role === 'node';
    return readNodes(node[field]).some((held) => hasItems(held, kinds, depth + 1));
  });
}

function isAbove0(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}
