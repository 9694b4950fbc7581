import { join } from 'node:path';

/** Claude Code's program, among the packages. */
export const CLAUDE = join('@anthropic-ai', 'claude-code', 'cli-wrapper.cjs');

export const claudeEnv = {
  ANTHROPIC_BASE_URL: process.env.MODELS_URL,
  ANTHROPIC_API_KEY: 'none',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  // All tools are shown to the model from the start, so that all of their schemas are seen.
  ENABLE_TOOL_SEARCH: 'false',
  // Root may skip questions about permissions in a sandbox only.
  IS_SANDBOX: '1',
};
