import { amount, checkFields, type FieldRules, wholeNumber } from './check-fields.js';
import type { Faults } from './faults.js';
import type { DefinitionPath } from '../schema/value-text.js';

const BUDGET_RULES: FieldRules = {
  tokens: { check: wholeNumber(1) },
  cost: { check: amount },
  calls: { check: wholeNumber(1) },
  seconds: { check: amount },
};

export function checkBudget(value: unknown, at: DefinitionPath, faults: Faults): void {
  checkFields({ value, at, what: 'a budget', rules: BUDGET_RULES, faults });
}
