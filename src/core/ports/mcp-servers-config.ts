/** Whom one connection to a server, with all that the server keeps for it, is for. */
export const MCP_SHARING = ['server', 'organization', 'run'] as const;
export type McpSharing = (typeof MCP_SHARING)[number];

interface McpServerRules {
  /**
   * How long the server may give no sign of life in a call, and take to be opened. Null: what is usual; the time-out of
   * a node that has one then goes before it.
   */
  readonly timeoutMs: number | null;
  /** Absent: `server`, and nobody has said so. */
  readonly per?: McpSharing;
  /** Names of tools, in which `*` stands for any text; null: all. */
  readonly allow: readonly string[] | null;
  /** By workflow id, the tools that it may use of those allowed; null: every workflow may use them all. */
  readonly workflows: { readonly [workflowId: string]: readonly string[] } | null;
  /** Calls at once, over all runs; null: no limit. */
  readonly concurrency: number | null;
}

/**
 * A program that is started and spoken to over its standard input and output. `${NAME}` in `env` stands for a variable
 * of the environment.
 */
export interface StdioMcpServer extends McpServerRules {
  readonly transport: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: { readonly [name: string]: string };
  /** Absolute. */
  readonly cwd: string;
}

/**
 * A server that is spoken to over Streamable HTTP. `${NAME}` in `url` and `headers` stands for a variable of the
 * environment.
 */
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

/** A variable's value without the line breaks and blanks that files and commands leave at the end of it. */
export function readVariable(env: { readonly [name: string]: string | undefined }, name: string): string | undefined {
  return env[name]?.trimEnd();
}

/** The text with each `${NAME}` replaced. One that is not there becomes empty. */
export function fillVariables(text: string, env: { readonly [name: string]: string | undefined }): string {
  return text.replaceAll(VARIABLE, (_, name: string) => readVariable(env, name) ?? '');
}

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
