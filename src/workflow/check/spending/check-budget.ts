import { amount, checkFields, type FieldRules, isFields, trueOrFalse, wholeNumber } from '../fields/check-fields.js';
import type { Faults } from '../fields/faults.js';
import type { DefinitionPath } from '../../schema/value-text.js';

const BUDGET_RULES: FieldRules = {
  tokens: { check: wholeNumber(1) },
  cost: { check: amount },
  calls: { check: wholeNumber(1) },
  seconds: { check: amount },
};

const SHARED_RULES: FieldRules = {
  ...BUDGET_RULES,
  shared: { check: trueOrFalse },
  credits: { check: wholeNumber(1) },
};

/** Of a workflow: it may be shared with the runs that its run starts. */
export function checkRunBudget(value: unknown, at: DefinitionPath, faults: Faults): void {
  if (!checkFields({ value, at, what: 'a budget', rules: SHARED_RULES, faults }) || !isFields(value)) return;
  if (value['credits'] !== undefined && value['shared'] !== true)
    faults.add(
      [...at, 'credits'],
      'is for a budget that is "shared: true" with the runs that this one starts',
      value['credits'],
    );
}

export function checkBudget(value: unknown, at: DefinitionPath, faults: Faults): void {
  checkFields({ value, at, what: 'a budget', rules: BUDGET_RULES, faults });
}
