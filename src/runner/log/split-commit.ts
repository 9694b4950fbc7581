import type { RunEvent } from '../../core/run/events.js';
import { jsonLengthOf } from '../../core/json-length.js';

/** What is committed at once is one text in the store and one uninterrupted piece of work, so it is bounded. */
const MAX_EVENTS = 1_000;
/** Characters of JSON, about. An event by itself may be longer: outputs are bounded elsewhere. */
const MAX_LENGTH = 2 * 1024 * 1024;

/** Splits events, in order, into what may be committed at once. */
export function splitCommit(events: readonly RunEvent[]): readonly (readonly RunEvent[])[] {
  if (events.length < 2) return [events];
  const parts: RunEvent[][] = [];
  let part: RunEvent[] = [];
  let left = MAX_LENGTH;
  for (const event of events) {
    const length = estimateEventLength(event);
    if (part.length >= MAX_EVENTS || (length > left && part.length > 0)) {
      parts.push(part);
      part = [];
      left = MAX_LENGTH;
    }
    part.push(event);
    left -= length;
  }
  parts.push(part);
  return parts;
}

/** Characters of JSON, about. */
const LONG = 50_000;

/** Whether writing one of them takes so long that it is to be done over several turns of the event loop. */
export function hasLongEvent(events: readonly RunEvent[]): boolean {
  return events.some(isLongEvent);
}

export function isLongEvent(event: RunEvent): boolean {
  return estimateEventLength(event) > LONG;
}

/** What is not payload is short. */
const ENVELOPE = 200;

/** How long an event is as JSON, about. */
export function estimateEventLength(event: RunEvent): number {
  switch (event.kind) {
    case 'run.created':
      return ENVELOPE + jsonLengthOf(event.input);
    case 'node.completed':
    case 'node.round':
    case 'run.completed':
      return ENVELOPE + jsonLengthOf(event.output);
    case 'run.partially_completed':
      return ENVELOPE + jsonLengthOf(event.output ?? null);
    case 'step.completed':
      return ENVELOPE + (event.outcome.status === 'completed' ? jsonLengthOf(event.outcome.output) : 0);
    case 'node.answered':
      return ENVELOPE + jsonLengthOf(event.answer);
    case 'node.text':
      return ENVELOPE + event.text.length;
    default:
      return ENVELOPE;
  }
}
