/** What is said of a draft without its text. */
export interface DraftSummary {
  readonly id: string;
  /** Whose it is; null: for all organizations. */
  readonly organizationId: string | null;
  /** What its text says; null: nothing that can be made out. */
  readonly workflowId: string | null;
  readonly name: string | null;
  /** The published version that it was made of; null: it is a new workflow. */
  readonly baseVersion: number | null;
  /** How many faults its text has. */
  readonly faults: number;
  /** Counts from 1. */
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The key or grant that wrote this revision; null: the server itself, or a person in the console. */
  readonly keyId: string | null;
}

/** A definition that is being written. */
export interface Draft extends DraftSummary {
  readonly text: string;
  readonly format: 'yaml' | 'json';
}

type DraftPlace = Pick<Draft, 'organizationId' | 'id'>;

/** Definitions that are not published yet, each at one revision. */
export interface DraftStore {
  insert(draft: Draft): Promise<void>;
  /** Replaces the revision before this one. False, and nothing done, when that is not what is kept. */
  replace(draft: Draft): Promise<boolean>;
  get(params: DraftPlace): Promise<Draft | null>;
  /** The latest made first. */
  list(params: {
    readonly organizationId: string | null;
    /** Null: of every workflow. */
    readonly workflowId: string | null;
    /** Only those made before this one. */
    readonly beforeId: string | null;
    readonly limit: number;
  }): Promise<DraftSummary[]>;
  count(params: Pick<Draft, 'organizationId'>): Promise<number>;
  /** False, and nothing done, when it is not kept, or at another revision than this one; null: at any. */
  delete(params: DraftPlace & { readonly revision: number | null }): Promise<boolean>;
}
