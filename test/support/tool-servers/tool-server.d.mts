import type { IncomingHttpHeaders } from 'node:http';

export interface ToolServer {
  readonly url: string;
  /** The name of each tool that was called, in order; `slow was cancelled` when that was. */
  readonly notes: readonly string[];
  readonly requests: readonly { readonly method: string; readonly headers: IncomingHttpHeaders }[];
  /** What a restart of the server would do: clients' sessions are not known any more. */
  forgetSessions(): void;
  close(): Promise<void>;
}

/** Serves over HTTP on a free port, with a session for each client. */
export declare function startToolServer(): Promise<ToolServer>;
