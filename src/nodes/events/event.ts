import { MAX_EVENT_KEY, MAX_EVENT_NAME } from '../../core/events/kept-event.js';
import { NodeFailure, Suspension, type FieldProblem, type NodeKind } from '../../core/handlers/node-kind.js';
import { parseDuration } from '../../core/time/duration.js';
import { deadlineAfter, DEADLINE_FIELD, NO_DEADLINE, readDeadline } from '../shared/deadline.js';
import { hasExpression } from '../shared/has-expression.js';
import { toMatchKey } from '../../core/events/match-key.js';

/** Waits for something that is told from outside, or by another run; the output is what is told. */
export const eventKind: NodeKind = {
  kind: 'event',
  description: 'Waits for an event by its name and key; its output is the data of the event.',
  fields: {
    name: {
      description: 'The name of the event: `order.paid`.',
      schema: { type: 'string', minLength: 1, maxLength: MAX_EVENT_NAME },
      required: true,
      role: 'template',
    },
    match: {
      description: 'The key that the event must have; without it, an event without a key.',
      schema: { type: ['string', 'number', 'boolean'] },
      role: 'template',
    },
    look_back: {
      description:
        'How much earlier than the wait an event may have come (a duration); when not given, any that is still kept is taken.',
      schema: { type: ['string', 'number'] },
      role: 'template',
    },
    deadline: {
      ...DEADLINE_FIELD,
      description: 'How long an event is waited for (a duration, or milliseconds), or until when (an RFC 3339 time).',
    },
    default: {
      description: 'Taken as the output when no event has come by the deadline; without it the node then fails.',
      schema: {},
      role: 'template',
    },
  },
  waits: true,
  check({ deadline, look_back: lookBack, default: otherwise, timeout }) {
    const problems: FieldProblem[] = [];
    if (otherwise !== undefined && deadline === undefined && timeout === undefined)
      problems.push({ field: 'default', message: 'is taken when the deadline has passed, and there is no "deadline"' });
    if (deadline !== undefined && !hasExpression(deadline) && deadlineAfter(deadline, 0) === null)
      problems.push({ field: 'deadline', message: NO_DEADLINE });
    if (lookBack !== undefined && !hasExpression(lookBack) && parseDuration(lookBack) === null)
      problems.push({ field: 'look_back', message: NO_DURATION });
    return problems;
  },
  standIn: ({ fields }) => fields['default'] ?? null,
  async execute({ fields, now }) {
    const { name, match, deadline, look_back: lookBack, default: otherwise } = fields;
    const startedAt = now();
    const until = readDeadline(deadline, startedAt);
    const key = toMatchKey(match);
    if (key.length > MAX_EVENT_KEY) refuse('match', `must have at most ${MAX_EVENT_KEY} characters`);
    const backMs = lookBack === undefined ? null : (parseDuration(lookBack) ?? refuse('look_back', NO_DURATION));
    const since = backMs === null ? 0 : Math.max(0, startedAt - backMs);
    const awaited = { name: name as string, key, since };
    return new Suspension({
      for: 'event',
      until,
      event: otherwise === undefined ? awaited : { ...awaited, default: otherwise },
    });
  },
};

const NO_DURATION = 'must be a duration such as 10m, 2h or 3d, or a number of milliseconds';

function refuse(field: string, problem: string): never {
  throw new NodeFailure(`"${field}" ${problem}`, { kind: 'invalid_config', retryable: false });
}
