import { nextTurn } from '../../core/event-loop.js';
import type { Json } from '../../core/json.js';
import { noteJsonLength } from '../../core/json-length.js';
import { findKnownJson } from '../../core/large-json/known-json.js';
import { parseInTurns } from '../../core/large-json/parse-in-turns.js';
import type { RunEvent } from '../../core/run/events.js';

/**
 * A page is read, parsed and sent at once, so a row holds no more characters than this, unless a single event is
 * longer.
 */
const MAX_ROW_LENGTH = 256 * 1024;
/** A page ends with the row that brings it to so many characters. */
export const MAX_PAGE_LENGTH = 1024 * 1024;

export interface LogRowText {
  readonly lastSeq: number;
  readonly text: string;
}

/** Nearly always one row: one text made at once costs half of what many that are joined do. */
export function splitRows(events: readonly RunEvent[]): readonly LogRowText[] {
  const whole = events.some((event) => findKnownJson(event) !== undefined) ? null : JSON.stringify(events);
  if (whole !== null && (whole.length <= MAX_ROW_LENGTH || events.length === 1)) {
    return [{ lastSeq: lastOf(events), text: whole }];
  }
  const rows: LogRowText[] = [];
  let row: string[] = [];
  let length = 0;
  let lastSeq = 0;
  for (const event of events) {
    const text = findKnownJson(event) ?? JSON.stringify(event);
    if (row.length > 0 && length + text.length > MAX_ROW_LENGTH) {
      rows.push({ lastSeq, text: `[${row.join(',')}]` });
      row = [];
      length = 0;
    }
    row.push(text);
    length += text.length + 1;
    lastSeq = event.seq;
  }
  rows.push({ lastSeq, text: `[${row.join(',')}]` });
  return rows;
}

function lastOf(events: readonly RunEvent[]): number {
  return events.at(-1)?.seq ?? 0;
}

export function parseEvents({ events }: { readonly events: string }): RunEvent[] {
  return JSON.parse(events) as RunEvent[];
}

/** The same over several turns of the event loop, where the text is long. */
export function readEvents(row: { readonly events: string }): RunEvent[] | Promise<RunEvent[]> {
  if (row.events.length <= MAX_ROW_LENGTH) return parseEvents(row);
  return parseLong(row.events);
}

/** It has just been read, and is gone on with, each of which takes its time. */
async function parseLong(text: string): Promise<RunEvent[]> {
  await nextTurn();
  const events = (await parseInTurns(text)) as unknown as RunEvent[];
  const [first] = events;
  // What has a long row to itself is a long event.
  if (events.length === 1 && first !== undefined) noteEventLength(first, text.length);
  await nextTurn();
  return events;
}

/** What the first row of a log says that its run was made with. */
export function inputOf(events: readonly RunEvent[]): { input: Json; instruction: string | null } | null {
  const created = events.find((event) => event.kind === 'run.created');
  return created === undefined ? null : { input: created.input, instruction: created.instruction };
}

/** For whoever has parsed an event: how long its JSON was, about all of which is the value that it holds. */
export function noteEventLength(event: RunEvent, length: number): void {
  const value = payloadOf(event);
  if (typeof value === 'object' && value !== null) noteJsonLength(value, length);
}

function payloadOf(event: RunEvent): Json | undefined {
  if ('output' in event) return event.output;
  if ('input' in event) return event.input;
  if (event.kind === 'step.completed') return event.outcome.status === 'completed' ? event.outcome.output : undefined;
  return event.kind === 'node.answered' ? event.answer : undefined;
}
