import type { ResourceLimits } from '../../core/tenant/scheduling.js';

/** What the server has that definitions may name. */
export interface Declared {
  resources(): ReadonlyMap<string, ResourceLimits>;
  mcpServers(): ReadonlySet<string>;
}
