import { parseDuration } from '../core/time/duration.js';
import { momentAfter, parseMoment, tellMoment } from '../core/time/moment.js';
import { NodeFailure, Suspension, type FieldProblem, type NodeKind } from '../core/handlers/node-kind.js';
import { hasExpression } from './shared/has-expression.js';

/** Lets time pass: so long, or until a moment. */
export const waitKind: NodeKind = {
  kind: 'wait',
  description: 'Waits for a time, or until a moment.',
  fields: {
    for: {
      description: 'How long: a duration such as 90s or 30d, or a number of milliseconds.',
      schema: { type: ['string', 'number'] },
      role: 'template',
    },
    until: {
      description: 'Until when: an RFC 3339 time, or a number of milliseconds since 1970. Not at all when it is past.',
      schema: { type: ['string', 'number'] },
      role: 'template',
    },
  },
  waits: true,
  check(node) {
    const problems: FieldProblem[] = [];
    const { for: length, until, timeout } = node;
    if (timeout !== undefined) problems.push({ field: 'timeout', message: 'a wait has an end of its own' });
    if ((length === undefined) === (until === undefined)) {
      const field = length === undefined ? '' : 'until';
      problems.push({ field, message: 'a wait has either "for" or "until"' });
    }
    if (length !== undefined && !hasExpression(length) && parseDuration(length) === null) {
      problems.push({ field: 'for', message: NO_DURATION });
    }
    if (until !== undefined && !hasExpression(until) && parseMoment(until) === null) {
      problems.push({ field: 'until', message: NO_MOMENT });
    }
    return problems;
  },
  async execute({ fields, now }) {
    const startedAt = now();
    const until = endOfWait(fields, startedAt);
    if (until <= startedAt) return { until: tellMoment(until) };
    return new Suspension({ for: 'time', until });
  },
};

const NO_DURATION = 'must be a duration such as 500ms, 10s, 5m, 2h or 1d, or a number of milliseconds';
const NO_MOMENT = 'must be an RFC 3339 time such as 2026-12-24T18:00:00Z, or a number of milliseconds since 1970';

function endOfWait(fields: { readonly [name: string]: unknown }, startedAt: number): number {
  if (fields['until'] !== undefined) return parseMoment(fields['until']) ?? throwInvalidField('until', NO_MOMENT);
  const lengthMs = parseDuration(fields['for']) ?? throwInvalidField('for', NO_DURATION);
  return momentAfter(lengthMs, startedAt) ?? throwInvalidField('for', 'ends later than a date can tell');
}

function throwInvalidField(field: string, message: string): never {
  throw new NodeFailure(`"${field}" ${message}`, { kind: 'invalid_config', retryable: false });
}
