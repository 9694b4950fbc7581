export interface PlainToolServer {
  readonly url: string;
  /** The name of each tool that was called, in order. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** Serves over HTTP on a free port. */
export declare function startPlainToolServer(): Promise<PlainToolServer>;
