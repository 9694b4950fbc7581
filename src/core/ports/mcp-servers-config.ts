interface McpServerRules {
  /** For each call, and for opening the connection. */
  readonly timeoutMs: number;
  /** Names of tools, in which `*` stands for any text; null: all. */
  readonly allow: readonly string[] | null;
  /** By workflow id, the tools that it may use of those allowed; null: every workflow may use them all. */
  readonly workflows: { readonly [workflowId: string]: readonly string[] } | null;
  /** Calls at once, over all runs; null: no limit. */
  readonly concurrency: number | null;
}

/** A program that is started and spoken to over its standard input and output. `${NAME}` in `env` stands for a variable of the environment. */
export interface StdioMcpServer extends McpServerRules {
  readonly transport: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: { readonly [name: string]: string };
  /** Absolute. */
  readonly cwd: string;
}

/** A server that is spoken to over Streamable HTTP. `${NAME}` in `url` and `headers` stands for a variable of the environment. */
export interface HttpMcpServer extends McpServerRules {
  readonly transport: 'http';
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
}

export type McpServerConfig = StdioMcpServer | HttpMcpServer;

/** What `mcp-servers.yaml` says, by the servers' names. */
export type McpServersConfig = ReadonlyMap<string, McpServerConfig>;

/** The environment's variables that a text names as `${NAME}`. */
export function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(VARIABLE)].flatMap(([, name]) => name ?? []);
}

/** The text with each `${NAME}` replaced. One that is not there becomes empty. */
export function fillVariables(text: string, env: { readonly [name: string]: string | undefined }): string {
  return text.replaceAll(VARIABLE, (_, name: string) => env[name] ?? '');
}

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
