import type { Rate, ResourceLimits } from '../core/tenant/scheduling.js';
import { checkFields, type FieldRules, isFields, wholeNumber } from '../workflow/check/fields/check-fields.js';
import { type DefinitionFault, Faults } from '../workflow/check/fields/faults.js';

/** A resource as it is declared: at most `concurrency` uses at once, and one of the rates. */
export interface ResourceDefinition {
  readonly concurrency?: number;
  readonly per_second?: number;
  readonly per_minute?: number;
  readonly per_hour?: number;
}

const PERIODS = { per_second: 1_000, per_minute: 60_000, per_hour: 3_600_000 } as const;

/** Beginnings within a period are counted one by one. */
const MAX_COUNT = 10_000;

const RULES: FieldRules = {
  concurrency: { check: wholeNumber(1, MAX_COUNT) },
  ...Object.fromEntries(Object.keys(PERIODS).map((name) => [name, { check: wholeNumber(1, MAX_COUNT) }])),
};

const NAME = /^[a-z][a-z0-9_]{0,99}$/;

/** Reads declarations of resources, by name. What has a fault is left out. */
export function readResources(value: unknown): {
  readonly resources: ReadonlyMap<string, ResourceLimits>;
  readonly faults: readonly DefinitionFault[];
} {
  const faults = new Faults();
  const resources = new Map<string, ResourceLimits>();
  if (!isFields(value)) {
    faults.add([], 'resources are declared by name: crm_api: { concurrency: 4, per_minute: 60 }', value);
    return { resources, faults: faults.list };
  }
  for (const [name, declared] of Object.entries(value)) {
    const before = faults.list.length;
    if (!NAME.test(name)) {
      faults.add([name], 'a name has lower-case letters, digits and _, and starts with a letter', name);
    }
    checkFields({ value: declared, at: [name], what: 'a resource', rules: RULES, faults });
    const definition = declared as ResourceDefinition;
    if (faults.list.length === before) checkLimits(name, definition, faults);
    if (faults.list.length > before) continue;
    resources.set(name, { concurrency: definition.concurrency ?? null, rate: readRate(definition) });
  }
  return { resources, faults: faults.list };
}

function checkLimits(name: string, definition: ResourceDefinition, faults: Faults): void {
  const rates = Object.keys(PERIODS).filter((period) => period in definition);
  if (rates.length > 1) faults.add([name], `has ${rates.join(' and ')}: one rate is all it can have`);
  if (Object.keys(definition).length === 0) faults.add([name], 'limits nothing: give it "concurrency" or a rate');
}

function readRate(definition: ResourceDefinition): Rate | null {
  for (const [name, perMs] of Object.entries(PERIODS)) {
    const count = definition[name as keyof typeof PERIODS];
    if (count !== undefined) return { count, perMs };
  }
  return null;
}
