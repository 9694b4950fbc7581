import type { Json } from '../../core/json.js';

/**
 * Copies of what known hosts publish, reduced to what is read of it, for when a host's own address refuses servers:
 * claude.ai answers some data centers with a challenge to browsers (github.com/openstatusHQ/openstatus/pull/2733). What
 * is fetched goes before them.
 */
const DOCUMENTS: readonly { readonly client_id: string; readonly client_name: string; readonly redirect_uris: Json }[] =
  [
    {
      // As served in 2026-08. claude.com is the same host's other name.
      client_id: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
      client_name: 'Claude',
      redirect_uris: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
    },
    {
      // As served in 2026-09 (github.com/anthropics/claude-code/issues/64705): loopback without a port, and no
      // application_type.
      client_id: 'https://claude.ai/oauth/claude-code-client-metadata',
      client_name: 'Claude Code',
      redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
    },
    {
      // The stable client, which ChatGPT uses where RFC 9207 is announced, as it is here:
      // developers.openai.com/apps-sdk/build/auth. chatgpt.com answers some data centers with 403.
      client_id: 'https://chatgpt.com/oauth/client.json',
      client_name: 'ChatGPT',
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
    },
    {
      // As served in 2026-09.
      client_id: 'https://chatgpt.com/oauth/codex/client.json',
      client_name: 'Codex',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
    },
    {
      // As served in 2026-08, since github.com/microsoft/vscode/pull/271403.
      client_id: 'https://vscode.dev/oauth/client-metadata.json',
      client_name: 'Visual Studio Code',
      redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
    },
    {
      // As served in 2026-09.
      client_id: 'https://zed.dev/oauth/client-metadata.json',
      client_name: 'Zed',
      redirect_uris: ['http://127.0.0.1/callback'],
    },
    {
      // As published in 2026-09 (github.com/anomalyco/opencode/pull/47737).
      client_id: 'https://opencode.ai/oauth/opencode/client.json',
      client_name: 'opencode',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
    },
  ];

export const PINNED_DOCUMENTS: ReadonlyMap<string, Json> = new Map(
  DOCUMENTS.map((document) => [document.client_id, { ...document }]),
);
