import { cutText } from '../core/text/cut-text.js';
import type { Json, JsonSchema } from '../core/json.js';
import { Suspension, type NodeKind } from '../core/handlers/node-kind.js';
import { deadlineAfter, NO_DEADLINE, readDeadline } from './shared/deadline.js';
import { sampleValue } from '../core/handlers/sample-value.js';
import { hasExpression } from './shared/has-expression.js';

const MAX_QUESTION = 4_000;

/** Asks a person something; the output is the answer. */
export const askKind: NodeKind = {
  kind: 'ask',
  description: 'Asks a person a question and waits for the answer.',
  fields: {
    question: {
      description: 'What is asked, in words.',
      schema: { type: 'string', minLength: 1 },
      required: true,
      role: 'template',
    },
    answer: {
      description: 'The JSON Schema that an answer must fit.',
      schema: { type: 'object' },
      required: true,
      role: 'schema',
    },
    deadline: {
      description: 'How long an answer is waited for (a duration, or milliseconds), or until when (an RFC 3339 time).',
      schema: { type: ['string', 'number'] },
      role: 'template',
    },
    default: {
      description: 'Taken as the answer when none has come by the deadline; without it the node then fails.',
      schema: {},
      role: 'template',
      fits: 'answer',
    },
  },
  waits: true,
  check({ deadline, default: otherwise, timeout }) {
    if (otherwise !== undefined && deadline === undefined && timeout === undefined) {
      return [{ field: 'default', message: 'is taken when the deadline has passed, and there is no "deadline"' }];
    }
    if (deadline === undefined || hasExpression(deadline) || deadlineAfter(deadline, 0) !== null) return [];
    return [{ field: 'deadline', message: NO_DEADLINE }];
  },
  standIn: ({ fields }) => fields['default'] ?? sampleValue((fields['answer'] ?? {}) as JsonSchema),
  async execute({ fields, now }) {
    const { question, answer, deadline, default: otherwise } = fields;
    const until = readDeadline(deadline, now());
    const message = cutText(question as string, MAX_QUESTION);
    const asked = { message, schema: (answer ?? {}) as JsonSchema, ...readDefault(otherwise) };
    return new Suspension({ for: 'answer', until, question: asked });
  },
};

function readDefault(otherwise: Json | undefined): { readonly default?: Json } {
  return otherwise === undefined ? {} : { default: otherwise };
}
