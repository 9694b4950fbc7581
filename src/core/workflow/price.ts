import { NO_USAGE } from '../models/models.js';
import { computePartialCharge } from '../run/credits.js';
import type { NodeExecution } from '../run/node-execution.js';
import type { Charge, CreditRates, PriceDefinition, WorkflowDefinition } from './definition.js';

/** Rates as whole numbers, so that sums of them are exact: millionths of a credit. */
interface Rates {
  readonly base: number;
  readonly perItem: number;
  readonly perToken: number;
}

/** What a run costs by what it uses. */
export interface Price {
  /** Those of the workflow. */
  readonly rates: Rates;
  /** By the id of a node: those that hold for it, and what its completion costs. */
  readonly nodes: ReadonlyMap<string, Rates>;
  /** No run costs more credits. */
  readonly max: number;
}

type Priced = Pick<WorkflowDefinition, 'credits' | 'budget' | 'nodes'>;

const MILLION = 1_000_000;
const NO_PRICES: { readonly [nodeId: string]: CreditRates } = {};

/** The price by use of a sound definition; null where a run costs a fixed number of credits. */
export function readPrice(definition: Priced): Price | null {
  const { credits } = definition;
  if (typeof credits !== 'object') return null;
  const own = Object.entries(credits.nodes ?? NO_PRICES);
  return Object.freeze({
    rates: toRates(credits),
    nodes: new Map(own.map(([id, rates]) => [id, toRates({ ...credits, ...rates, base: rates.base ?? 0 })])),
    max: findCeiling(definition) ?? 0,
  });
}

function toRates({ base = 0, per_item: perItem = 0, per_1k_tokens: perThousand = 0 }: CreditRates): Rates {
  return {
    base: Math.round(base * MILLION),
    perItem: Math.round(perItem * MILLION),
    perToken: Math.round(perThousand * 1_000),
  };
}

/** What a run of it costs at most, and reserves; 0 for what has no price. */
export function creditCeiling(definition: Priced): number {
  return findCeiling(definition) ?? 0;
}

/**
 * Null where nothing bounds the price: items are not bounded by a definition, and tokens only by the budget of the
 * workflow, or of each node that pays for them.
 */
export function findCeiling(definition: Priced): number | null {
  const { credits = 0 } = definition;
  if (typeof credits === 'number') return credits;
  if (credits.max !== undefined) return credits.max;
  const all: readonly CreditRates[] = [credits, ...Object.values(credits.nodes ?? NO_PRICES)];
  if (all.some(({ per_item: perItem = 0 }) => perItem > 0)) return null;
  const bases = all.reduce((sum, { base = 0 }) => sum + base, 0);
  const tokens = boundTokens(credits, definition);
  return tokens === null ? null : Math.ceil((bases * MILLION + tokens) / MILLION);
}

/** What tokens cost at most, in millionths; null where there may be any number of them. */
function boundTokens(credits: PriceDefinition, { budget, nodes }: Priced): number | null {
  const own = credits.nodes ?? NO_PRICES;
  const rateOf = (id: string): number => toRates({ ...credits, ...own[id] }).perToken;
  const dearest = nodes.reduce((most, { id }) => Math.max(most, rateOf(id)), 0);
  if (dearest === 0) return 0;
  if (budget?.tokens !== undefined) return dearest * budget.tokens;
  const bounds = nodes.map((node) => (rateOf(node.id) === 0 ? 0 : rateOf(node.id) * (node.budget?.tokens ?? Infinity)));
  const sum = bounds.reduce((total, bound) => total + bound, 0);
  return Number.isFinite(sum) ? sum : null;
}

/** What the nodes of a run have used so far costs, in millionths; without what each run costs. */
function useOf(price: Price, nodes: readonly NodeExecution[]): number {
  let sum = 0;
  for (const node of nodes) {
    const { base, perItem, perToken } = price.nodes.get(node.id) ?? { ...price.rates, base: 0 };
    const { inputTokens, outputTokens } = node.usage ?? NO_USAGE;
    // What was taken over from an earlier run never started in this one.
    if (node.status === 'completed' && node.startedAt !== null) sum += base;
    sum += perItem * ((node.items?.done ?? 0) + (node.innerItems ?? 0)) + perToken * (inputTokens + outputTokens);
  }
  return sum;
}

/** What a run costs if it completes with what it has used so far, with no regard to the most that it may cost. */
export function priceSoFar(price: Price, nodes: readonly NodeExecution[]): number {
  return toCredits(price.rates.base + useOf(price, nodes));
}

/** A part of a credit costs a whole one. */
function toCredits(millionths: number): number {
  return Math.ceil(millionths / MILLION);
}

interface RunToCharge {
  readonly creditsReserved: number;
  readonly creditsConsumed: number;
  readonly nodes: readonly NodeExecution[];
}

interface Charging {
  /** Null: the run costs what was reserved for it. */
  readonly price: Price | null;
  readonly charge: Charge;
}

/** What a run costs that has completed. */
export function chargeWhole({ price }: Charging, run: RunToCharge): number {
  return price === null ? run.creditsReserved : within(run, priceSoFar(price, run.nodes));
}

/** What a run costs that has completed in part: its completed agents' share, and what was used. */
export function chargeShare({ price }: Pick<Charging, 'price'>, run: RunToCharge): number {
  const { nodes, creditsReserved } = run;
  if (price === null) return within(run, computePartialCharge(creditsReserved, nodes));
  const share = computePartialCharge(price.rates.base / MILLION, nodes);
  return within(run, toCredits(share * MILLION + useOf(price, nodes)));
}

/** What a run costs that fails or is cancelled; null: no more than before. */
export function chargeWithoutResult(plan: Charging, run: RunToCharge): number | null {
  if (plan.charge === 'completed_agents') return chargeShare(plan, run);
  if (plan.charge === 'result' || plan.price === null) return null;
  return within(run, toCredits(useOf(plan.price, run.nodes)));
}

/** Never more than was reserved, and what the run has cost before its retry is not given back. */
function within({ creditsReserved, creditsConsumed }: RunToCharge, credits: number): number {
  return Math.max(creditsConsumed, Math.min(credits, creditsReserved));
}
