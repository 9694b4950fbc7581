import { tellPriceOf } from '../render/render-price.js';
import { creditCeiling } from '../workflow/price.js';
import { shorten } from '../text/cut-text.js';
import type { JsonSchema } from '../json.js';
import type { WorkflowDefinition, WorkflowRecord } from '../workflow/definition.js';
import { toolForm, type ToolForm } from './tool-form.js';

/**
 * The longest that a call of a tool waits: hosts cut calls off after 30, so an answer must be out before. In seconds.
 */
export const MAX_WAIT_SECONDS = 25;

/** The input of a workflow that declares none. */
export const ANY_OBJECT = { type: 'object' } as const;

/** What a run of the workflow takes. */
export function inputSchemaOf(workflow: WorkflowRecord): JsonSchema {
  return workflow.version.definition.input ?? ANY_OBJECT;
}

/**
 * The arguments of a workflow's tool, as every host takes them. What is given is held against the workflow's own
 * schema.
 */
export function argumentsForm({ input }: WorkflowDefinition): ToolForm {
  return toolForm(input ?? ANY_OBJECT);
}

/** What is told of every workflow's tool, however long its description is. */
export function workflowToolFacts(definition: WorkflowDefinition): readonly string[] {
  const { estimated_duration: duration } = definition;
  const { choice, isPartial } = argumentsForm(definition);
  return [
    ...(choice === null ? [] : [choice]),
    ...(isPartial ? ['The input has further rules that these arguments do not show: see get_workflow.'] : []),
    ...(creditCeiling(definition) === 0 ? [] : [`Costs ${tellPriceOf(definition)}.`]),
    ...(duration === undefined ? [] : [`Usually takes ${shorten(duration, 100)}.`]),
    `Waits up to ${MAX_WAIT_SECONDS} s for the result; a longer run continues, and the answer says what to do next.`,
  ];
}
