import type { EventMatch, KeptEvent, ListedEvent } from '../../../events/kept-event.js';

export interface EventTaker {
  readonly organizationId: string;
  readonly runId: string;
}

export interface ListEventsParams {
  readonly organizationId: string;
  /** Null: events of all names. */
  readonly name: string | null;
  /** Older ones than this; null: the newest. */
  readonly beforeId: string | null;
  readonly limit: number;
}

/** Events and who waits for them. A run's waits are written in its commits (`CommitRunParams.eventChanges`). */
export interface EventStore {
  /**
   * Keeps an event. With a `dedupeKey` that another of the organization has, that one is given, and nothing is kept.
   * Null when as many are kept already as may be (`limit`).
   */
  insert(params: {
    readonly event: KeptEvent;
    readonly dedupeKey: string | null;
    readonly limit: number;
  }): Promise<{ readonly event: KeptEvent; readonly created: boolean } | null>;
  /** What is kept, newest first. */
  list(params: ListEventsParams): Promise<ListedEvent[]>;
  get(params: { readonly organizationId: string; readonly id: string }): Promise<(ListedEvent & KeptEvent) | null>;
  /** The earliest that the run has not taken, that came at `since` or later, and that has not expired; null for none. */
  findFor(
    params: EventTaker & EventMatch & { readonly since: number; readonly now: number },
  ): Promise<KeptEvent | null>;
  /** The runs that wait for an event that came at `at`, by their ids, from after `afterId` on. */
  listWaiting(
    params: EventMatch & {
      readonly organizationId: string;
      readonly at: number;
      readonly afterId: string | null;
      readonly limit: number;
    },
  ): Promise<string[]>;
  /** Runs that wait though there is an event for them: somebody died before they were told. */
  listUntold(params: { readonly now: number; readonly limit: number }): Promise<EventTaker[]>;
  /** Removes what has expired; true when there is more. */
  purge(params: { readonly now: number; readonly limit: number }): Promise<boolean>;
}
