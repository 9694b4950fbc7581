import type { Delivery, DeliveryState, ListedDelivery } from '../../../webhooks/delivery.js';

export interface DeliveryId {
  readonly organizationId: string;
  readonly id: string;
}

export interface ListDeliveriesParams {
  readonly organizationId: string;
  readonly webhookId?: string;
  readonly state?: DeliveryState;
  readonly limit: number;
  /** Only older ones. */
  readonly beforeId?: string;
}

export interface ClaimDeliveriesParams {
  readonly endpoint: string;
  readonly at: number;
  readonly limit: number;
  /** Until then nobody else takes them. */
  readonly until: number;
}

/** What an attempt came to. */
export type SettleDeliveryParams = Pick<
  Delivery,
  'organizationId' | 'id' | 'state' | 'dueAt' | 'attemptCount' | 'attempts' | 'endedAt'
>;

export interface ReplayDeliveriesParams {
  readonly organizationId: string;
  readonly webhookId: string;
  /** Those that ended in this state. */
  readonly state: Exclude<DeliveryState, 'pending'>;
  /** Made from then on, and before then. */
  readonly since: number;
  readonly until: number;
  /** When they are tried again, and until when. */
  readonly dueAt: number;
  readonly givesUpAt: number;
  /** Only those with later ids. */
  readonly afterId: string | null;
  /** Each is written anew with its message: many at once hold the event loop. */
  readonly limit: number;
}

/** What others are to be told. Commits of runs write new ones: see `CommitRunParams`. */
export interface DeliveryStore {
  insert(delivery: Delivery): Promise<void>;
  get(params: DeliveryId): Promise<Delivery | null>;
  /** Newest first. */
  list(params: ListDeliveriesParams): Promise<ListedDelivery[]>;
  /** The endpoints with pending deliveries, and when the first of each is due. */
  listEndpoints(): Promise<readonly { readonly endpoint: string; readonly dueAt: number }[]>;
  /**
   * Takes deliveries that are due, those that have been so for longest first; none of a run that waits for an earlier one
   * of the same endpoint and run.
   */
  claim(params: ClaimDeliveriesParams): Promise<Delivery[]>;
  settle(params: SettleDeliveryParams): Promise<void>;
  /** Has one that has ended tried again. False when there is none. */
  replay(params: DeliveryId & Pick<ReplayDeliveriesParams, 'dueAt' | 'givesUpAt'>): Promise<boolean>;
  /** The same for many, the oldest first; gives their ids, in order. */
  replayMany(params: ReplayDeliveriesParams): Promise<readonly string[]>;
  /** Gives up what is pending of a webhook; of one run where that is given. True while there may be more. */
  giveUp(params: {
    readonly organizationId: string;
    readonly webhookId: string;
    readonly runId?: string;
    readonly at: number;
    readonly limit: number;
  }): Promise<boolean>;
  /** Removes those that ended before; true while there may be more. */
  purge(params: { readonly before: number; readonly limit: number }): Promise<boolean>;
}
