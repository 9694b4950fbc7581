/** What the server has that definitions may name. */
export interface Declared {
  resources(): ReadonlySet<string>;
  mcpServers(): ReadonlySet<string>;
}
