import { cutText } from '../core/text/cut-text.js';
import { parseDuration } from '../core/time/duration.js';
import type { Json, JsonSchema } from '../core/json.js';
import { momentAfter, parseMoment } from '../core/time/moment.js';
import { NodeFailure, Suspension, type NodeKind } from '../core/handlers/node-kind.js';
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
  async execute({ fields, now }) {
    const { question, answer, deadline, default: otherwise } = fields;
    const until = deadline === undefined ? null : (deadlineAfter(deadline, now()) ?? refuseDeadline(deadline));
    const message = cutText(question as string, MAX_QUESTION);
    const asked = { message, schema: (answer ?? {}) as JsonSchema, ...readDefault(otherwise) };
    return new Suspension({ for: 'answer', until, question: asked });
  },
};

const NO_DEADLINE = 'must be a duration such as 10m, 2h or 3d, or an RFC 3339 time such as 2026-12-24T18:00:00Z';

function readDefault(otherwise: Json | undefined): { readonly default?: Json } {
  return otherwise === undefined ? {} : { default: otherwise };
}

function deadlineAfter(deadline: unknown, now: number): number | null {
  const lengthMs = parseDuration(deadline);
  return lengthMs === null ? parseMoment(deadline) : momentAfter(lengthMs, now);
}

function refuseDeadline(deadline: unknown): never {
  const problem = parseDuration(deadline) === null ? NO_DEADLINE : 'is later than a date can tell';
  throw new NodeFailure(`"deadline" ${problem}`, { kind: 'invalid_config', retryable: false });
}
