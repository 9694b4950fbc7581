import type { Json, JsonObject } from '../../core/json.js';

/**
 * Copies of what known hosts publish, reduced to what is read of it, for when a host's own address refuses servers:
 * claude.ai answers some data centers with a challenge to browsers (github.com/openstatusHQ/openstatus/pull/2733). What
 * is fetched goes before them.
 */
const DOCUMENTS: readonly (JsonObject & { readonly client_id: string })[] = [
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
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
    token_endpoint_auth_signing_alg: 'RS256',
    jwks_uri: 'https://chatgpt.com/oauth/jwks.json',
  },
  {
    // Used where RFC 9207 is announced: github.com/openai/codex, codex-rs/rmcp-client/src/oauth_client_registration.rs.
    // As served in 2026-09; github.com/cloudflare/workers-oauth-provider/issues/333 tells of its 403.
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
    // As served in 2026-09: github.com/zed-industries/zed, crates/context_server/src/oauth.rs.
    client_id: 'https://zed.dev/oauth/client-metadata.json',
    client_name: 'Zed',
    redirect_uris: ['http://127.0.0.1/callback'],
  },
  {
    // As served in 2026-09: github.com/aaif-goose/goose, documentation/static/oauth/client-metadata.json.
    client_id: 'https://goose-docs.ai/oauth/client-metadata.json',
    client_name: 'goose',
    redirect_uris: ['http://127.0.0.1/oauth_callback', 'http://[::1]/oauth_callback'],
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

/** Where known hosts have people sent back to on their own computer, though their documents do not say so. */
export const REDIRECTS_BESIDE_DOCUMENTS: ReadonlyMap<string, readonly string[]> = new Map([
  // github.com/anomalyco/opencode/issues/50510
  ['https://opencode.ai/oauth/opencode/client.json', ['http://127.0.0.1/mcp/oauth/callback']],
]);
