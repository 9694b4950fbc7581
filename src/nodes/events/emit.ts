import { MAX_EVENT_KEY, MAX_EVENT_NAME } from '../../core/events/kept-event.js';
import { NodeFailure, type NodeKind } from '../../core/handlers/node-kind.js';
import { parseDuration } from '../../core/time/duration.js';
import { hasExpression } from '../shared/has-expression.js';
import { toMatchKey } from '../../core/events/match-key.js';

/** Tells an event to the runs of its organization. */
export const emitKind: NodeKind = {
  kind: 'emit',
  description: 'Sends an event to the runs that wait for it; its `with` is the data.',
  fields: {
    name: {
      description: 'The name of the event: `order.paid`.',
      schema: { type: 'string', minLength: 1, maxLength: MAX_EVENT_NAME },
      required: true,
      role: 'template',
    },
    key: {
      description: 'What the waiting nodes must have as `match`; without it, those without `match` get the event.',
      schema: { type: ['string', 'number', 'boolean'] },
      role: 'template',
    },
    keep_for: {
      description: 'How long the event is kept for runs that do not wait yet: a duration of up to 7d (default: 1h).',
      schema: { type: ['string', 'number'] },
      role: 'template',
    },
  },
  givesJson: true,
  check({ keep_for: keepFor }) {
    if (keepFor === undefined || hasExpression(keepFor) || parseDuration(keepFor) !== null) return [];
    return [{ field: 'keep_for', message: NO_DURATION }];
  },
  standIn: () => ({ event_id: '00000000-0000-7000-8000-000000000000' }),
  async execute({ fields, input, emit }) {
    const { name, key: given, keep_for: keepFor } = fields;
    const key = toMatchKey(given);
    if (key.length > MAX_EVENT_KEY) throw invalid('key', `must have at most ${MAX_EVENT_KEY} characters`);
    const keepForMs = keepFor === undefined ? null : parseDuration(keepFor);
    if (keepFor !== undefined && keepForMs === null) throw invalid('keep_for', NO_DURATION);
    const { eventId } = await emit({ name: name as string, key, data: input, keepForMs });
    return { event_id: eventId };
  },
};

const NO_DURATION = 'must be a duration such as 10m, 2h or 3d, or a number of milliseconds';

function invalid(field: string, problem: string): NodeFailure {
  return new NodeFailure(`"${field}" ${problem}`, { kind: 'invalid_config', retryable: false });
}
