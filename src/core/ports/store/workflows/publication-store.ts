/** The version of a workflow that can be started. */
export interface PublishedWorkflow {
  /** Whose own it is; null: for all organizations. */
  readonly organizationId: string | null;
  readonly workflowId: string;
  readonly version: number;
}

/** What a publication changed of one workflow. Null: not published. */
export interface PublishedChange {
  readonly workflowId: string;
  readonly before: number | null;
  readonly after: number | null;
}

/** Workflows that were switched to other versions, all in one moment. */
export interface Publication {
  /** Counts from 1, over all organizations, in the order in which they took effect. */
  readonly number: number;
  readonly organizationId: string | null;
  readonly at: number;
  /** The key or grant that did it; null: the server itself. */
  readonly keyId: string | null;
  readonly changes: readonly PublishedChange[];
}

export interface PublishVersionsParams {
  readonly organizationId: string | null;
  readonly at: number;
  readonly keyId: string | null;
  /** Each workflow once; null takes it away. */
  readonly versions: readonly { readonly workflowId: string; readonly version: number | null }[];
}

/** Code that handlers are in, as whoever published it made it. */
export interface PublishedBundle {
  /** SHA-256 (hex) of `code`. */
  readonly sha: string;
  readonly code: string;
  /** What it imports from packages, as it is written there. */
  readonly packages: readonly string[];
  readonly at: number;
}

/** Which versions of workflows can be started, of those that are kept in the store and not in a folder. */
export interface PublicationStore {
  /**
   * Switches all of them; one after another, whoever calls. In a transaction. What is so already is not among the
   * changes.
   */
  publish(params: PublishVersionsParams): Promise<Publication>;
  /** The number of the latest publication; 0 when there is none. */
  latest(): Promise<number>;
  /** Of all organizations, by organization and workflow. */
  listPublished(): Promise<PublishedWorkflow[]>;
  /** Newest first. */
  list(params: {
    readonly organizationId: string | null;
    readonly limit: number;
    /** Only older ones. */
    readonly before: number | null;
  }): Promise<Publication[]>;
  get(params: { readonly organizationId: string | null; readonly number: number }): Promise<Publication | null>;
  /** Keeps what is there already. */
  saveBundle(bundle: PublishedBundle): Promise<void>;
  getBundle(params: { readonly sha: string }): Promise<PublishedBundle | null>;
  /** Which of them are kept. */
  findBundles(params: { readonly shas: readonly string[] }): Promise<string[]>;
}
