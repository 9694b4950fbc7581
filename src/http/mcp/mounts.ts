import type { Contract } from '../../mcp/contract/contract.js';
import { mcpAppContract } from '../../mcp/published/mcp-app/mcp-app.js';
import { nativeContract } from '../../mcp/native/native-contract.js';
import { workflowsContract } from '../../mcp/published/workflows/workflows.js';

export interface Mount {
  readonly path: string;
  readonly contract: Contract;
  /** What a body with nothing to answer in it gets, before 2026-07-28: from then on it is 202. */
  readonly acceptedStatus: 202 | 204;
  /** Whether GET shows the tools, to programs that do not speak MCP. */
  readonly catalog: boolean;
  /** True where nothing is said of OAuth: for hosts that stop sending their key as soon as they find any of it. */
  readonly keysOnly?: true;
}

/** Every contract and where it is served. */
export const MOUNTS: readonly Mount[] = [
  { path: '/mcp', contract: nativeContract, acceptedStatus: 202, catalog: false },
  { path: '/mcp/key', contract: nativeContract, acceptedStatus: 202, catalog: false, keysOnly: true },
  { path: '/mcp/workflows', contract: workflowsContract, acceptedStatus: 202, catalog: false },
  { path: '/api/mcp-app', contract: mcpAppContract, acceptedStatus: 204, catalog: true },
];
