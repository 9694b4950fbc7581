import type { CreditRates, WorkflowDefinition } from '../workflow/definition.js';
import { creditCeiling } from '../workflow/price.js';

/** What use costs, as it is shown: credits. */
export interface ShownRates {
  readonly base: number;
  readonly per_item: number;
  readonly per_1k_tokens: number;
}

export interface ShownPrice extends ShownRates {
  /** What a run costs at most, and reserves. */
  readonly max: number;
  /** Of nodes that have a price of their own. */
  readonly nodes: readonly (ShownRates & { readonly node_id: string })[];
}

/** As REST and Errand's own contract show it; null where a run costs a fixed number of credits. */
export function renderPrice(definition: WorkflowDefinition): ShownPrice | null {
  const { credits } = definition;
  if (typeof credits !== 'object') return null;
  const own = Object.entries(credits.nodes ?? {});
  return {
    ...renderRates(credits),
    max: creditCeiling(definition),
    nodes: own.map(([id, rates]) => ({
      node_id: id,
      ...renderRates({ ...credits, ...rates, base: rates.base ?? 0 }),
    })),
  };
}

function renderRates({ base = 0, per_item: perItem = 0, per_1k_tokens: perThousand = 0 }: CreditRates): ShownRates {
  return { base, per_item: perItem, per_1k_tokens: perThousand };
}

/** For people, of a definition. */
export function tellPriceOf(definition: WorkflowDefinition): string {
  return tellPrice(renderPrice(definition), creditCeiling(definition));
}

/** `12 credits`, or what they depend on: `5 credits, 0.5 credits for each item, 100 at most`. */
export function tellPrice(price: ShownPrice | null, max: number): string {
  if (price === null) return tellCredits(max);
  const { base, per_item: perItem, per_1k_tokens: perThousand } = price;
  const rates = [
    ...(base > 0 ? [tellCredits(base)] : []),
    ...(perItem > 0 ? [`${tellCredits(perItem)} for each item`] : []),
    ...(perThousand > 0 ? [`${tellCredits(perThousand)} for each 1,000 tokens`] : []),
    ...(price.nodes.length > 0 ? ['more by its nodes'] : []),
  ];
  return [...rates, `${max} at most`].join(', ');
}

function tellCredits(credits: number): string {
  return credits === 1 ? '1 credit' : `${credits} credits`;
}
