import type { KeptEvent, ListedEvent } from '../../../core/events/kept-event.js';
import type { Json } from '../../../core/json.js';
import { decodeText, encodeText } from '../text.js';

/** A row of `events`, in either store. */
export interface EventRow {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly match_key: string;
  readonly data: string;
  readonly at: number;
  readonly expires_at: number;
}

/** Of a list: how many runs have taken it, and no data. */
export type ListedEventRow = Omit<EventRow, 'data'> & { readonly taken: number };

export function toEventRow(event: KeptEvent): EventRow {
  return {
    id: event.id,
    organization_id: encodeText(event.organizationId),
    name: encodeText(event.name),
    match_key: encodeText(event.key),
    data: JSON.stringify(event.data),
    at: event.at,
    expires_at: event.expiresAt,
  };
}

export function fromEventRow(row: EventRow): KeptEvent {
  return { ...readHead(row), data: JSON.parse(row.data) as Json };
}

export function fromListedEventRow(row: ListedEventRow): ListedEvent {
  return { ...readHead(row), taken: row.taken };
}

function readHead(row: Omit<EventRow, 'data'>): Omit<KeptEvent, 'data'> {
  return {
    id: row.id,
    organizationId: decodeText(row.organization_id),
    name: decodeText(row.name),
    key: decodeText(row.match_key),
    at: row.at,
    expiresAt: row.expires_at,
  };
}
