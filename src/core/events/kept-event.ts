import type { Json } from '../json.js';

export const MAX_EVENT_NAME = 200;
export const MAX_EVENT_KEY = 500;
/** Characters of JSON. */
export const MAX_EVENT_DATA = 262_144;
/** How long an event is kept for runs that do not wait for it yet. */
export const DEFAULT_EVENT_KEEP_MS = 3_600_000;
export const MAX_EVENT_KEEP_MS = 7 * 86_400_000;
/** Of one organization, at a time. More are refused. */
export const MAX_KEPT_EVENTS = 10_000;

/** What runs wait for: an event of this name, and of this key. */
export interface EventMatch {
  readonly name: string;
  /** Empty for none. */
  readonly key: string;
}

/** What somebody has told an organization's runs. */
export interface KeptEvent extends EventMatch {
  /** UUIDv7. */
  readonly id: string;
  readonly organizationId: string;
  readonly data: Json;
  readonly at: number;
  /** From then on no run takes it. */
  readonly expiresAt: number;
}

/** An event as lists have it: without its data, which may be long. */
export interface ListedEvent extends Omit<KeptEvent, 'data'> {
  /** How many runs have taken it. */
  readonly taken: number;
}

/** A node of a run that waits for an event. */
export interface EventWait extends EventMatch {
  readonly nodeId: string;
  /** Earlier events are not for it; epoch milliseconds. */
  readonly since: number;
}

/** What a commit of a run changes of its waits. */
export interface EventChanges {
  /** All of the run's, instead of those before. */
  readonly waits: readonly EventWait[];
  /** The ids of events that the run has taken: none is for it again. */
  readonly taken: readonly string[];
}
