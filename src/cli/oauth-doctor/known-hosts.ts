/** What a known host sends, as far as it is public, and where its people come back. */
export interface KnownHost {
  readonly name: string;
  /** The document at its client_id, when it has one. */
  readonly document?: { readonly client_id: string; readonly [field: string]: unknown };
  /** True when the address of the document is made up: each account has one of its own. */
  readonly isInvented?: true;
  /** What it registers otherwise. */
  readonly registration?: { readonly redirect_uris: string[]; readonly [field: string]: string | string[] };
  /** The redirect URI that it then asks with. */
  readonly redirectUri: string;
  /** What the page calls the place that people are sent back to. */
  readonly host: string;
}

const CODE = { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] };

/** Each with the source of what is known of it. */
export const KNOWN_HOSTS: readonly KnownHost[] = [
  {
    // github.com/anthropics/claude-ai-mcp/issues/518: its document lists a grant that few servers know.
    name: 'Claude.ai, by its document',
    document: {
      ...CODE,
      client_id: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
      client_name: 'Claude',
      client_uri: 'https://claude.ai',
      redirect_uris: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'https://claude.ai/api/mcp/auth_callback',
    host: 'claude.ai',
  },
  {
    name: 'Claude.ai, by registration, from its other name',
    registration: {
      ...CODE,
      client_name: 'Claude',
      redirect_uris: ['https://claude.com/api/mcp/auth_callback'],
      token_endpoint_auth_method: 'none',
      scope: 'read run',
    },
    redirectUri: 'https://claude.com/api/mcp/auth_callback',
    host: 'claude.com',
  },
  {
    // github.com/anthropics/claude-code/issues/64705: no application_type, no ports, and then any port.
    name: 'Claude Code, by its document',
    document: {
      ...CODE,
      client_id: 'https://claude.ai/oauth/claude-code-client-metadata',
      client_name: 'Claude Code',
      redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'http://localhost:55611/callback',
    host: 'localhost',
  },
  {
    // github.com/elmohq/elmo/pull/684, captured.
    name: 'Claude Code, by registration',
    registration: {
      ...CODE,
      client_name: 'Claude Code',
      redirect_uris: ['http://localhost:3118/callback'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'http://localhost:3118/callback',
    host: 'localhost',
  },
  {
    // github.com/gamedevpl/www.gamedev.pl/pull/641: it prefers to sign, and takes `none`.
    name: 'ChatGPT, by its document',
    isInvented: true,
    document: {
      ...CODE,
      client_id: 'https://chatgpt.com/oauth/abc123/client.json',
      client_name: 'ChatGPT',
      redirect_uris: ['https://chatgpt.com/connector/oauth/abc123'],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
      token_endpoint_auth_signing_alg: 'RS256',
      jwks_uri: 'https://chatgpt.com/oauth/jwks.json',
    },
    redirectUri: 'https://chatgpt.com/connector/oauth/abc123',
    host: 'chatgpt.com',
  },
  {
    // The stable client, used where RFC 9207 is announced: developers.openai.com/apps-sdk/build/auth.
    name: 'ChatGPT, by its stable document',
    document: {
      ...CODE,
      client_id: 'https://chatgpt.com/oauth/client.json',
      client_name: 'ChatGPT',
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
      token_endpoint_auth_signing_alg: 'RS256',
      jwks_uri: 'https://chatgpt.com/oauth/jwks.json',
    },
    redirectUri: 'https://chatgpt.com/connector_platform_oauth_redirect',
    host: 'chatgpt.com',
  },
  {
    // Where RFC 9207 is announced: github.com/openai/codex, codex-rs/rmcp-client/src/oauth_client_registration.rs.
    name: 'Codex, by its document',
    document: {
      ...CODE,
      client_id: 'https://chatgpt.com/oauth/codex/client.json',
      client_name: 'Codex',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'http://127.0.0.1:60123/callback',
    host: '127.0.0.1',
  },
  {
    // Since github.com/microsoft/vscode/pull/271403: with a grant that is not offered here.
    name: 'VS Code, by its document',
    document: {
      client_id: 'https://vscode.dev/oauth/client-metadata.json',
      client_name: 'Visual Studio Code',
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'http://127.0.0.1:50000/',
    host: '127.0.0.1',
  },
  {
    // github.com/zed-industries/zed, crates/context_server/src/oauth.rs.
    name: 'Zed, by its document',
    document: {
      ...CODE,
      client_id: 'https://zed.dev/oauth/client-metadata.json',
      client_name: 'Zed',
      redirect_uris: ['http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'http://127.0.0.1:50124/callback',
    host: '127.0.0.1',
  },
  {
    // github.com/danielealbano/android-remote-control-mcp/pull/166.
    name: 'ChatGPT, by registration',
    registration: {
      ...CODE,
      client_name: 'ChatGPT',
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
      token_endpoint_auth_method: 'client_secret_post',
    },
    redirectUri: 'https://chatgpt.com/connector_platform_oauth_redirect',
    host: 'chatgpt.com',
  },
  {
    // github.com/elmohq/elmo/pull/684, captured.
    name: 'Codex, by registration',
    registration: { ...CODE, client_name: 'Codex', redirect_uris: ['http://127.0.0.1:37819/callback/f7a1'] },
    redirectUri: 'http://127.0.0.1:37819/callback/f7a1',
    host: '127.0.0.1',
  },
  ...(
    [
      ['cursor://anysphere.cursor-mcp/oauth/callback', 'cursor://'],
      ['https://www.cursor.com/agents/mcp/oauth/callback', 'www.cursor.com'],
      ['http://localhost:8787/callback', 'localhost'],
    ] as const
  ).map(([redirectUri, host]) => ({
    // github.com/erp-mafia/accounted/pull/2225: all three in one registration.
    name: `Cursor, back by ${host}`,
    registration: {
      ...CODE,
      client_name: 'Cursor',
      redirect_uris: [
        'cursor://anysphere.cursor-mcp/oauth/callback',
        'https://www.cursor.com/agents/mcp/oauth/callback',
        'http://localhost:8787/callback',
      ],
      token_endpoint_auth_method: 'none',
    },
    redirectUri,
    host,
  })),
  ...(
    [
      ['http://127.0.0.1:33418/', '127.0.0.1'],
      ['http://127.0.0.1:33418', '127.0.0.1'],
      ['http://127.0.0.1:59656/', '127.0.0.1'],
      ['https://vscode.dev/redirect', 'vscode.dev'],
    ] as const
  ).map(([redirectUri, host]) => ({
    // github.com/microsoft/vscode/issues/278512: another port than the registered one when that is taken.
    name: `VS Code, back by ${redirectUri}`,
    registration: {
      ...CODE,
      client_name: 'Visual Studio Code',
      redirect_uris: [
        'https://insiders.vscode.dev/redirect',
        'https://vscode.dev/redirect',
        'http://127.0.0.1/',
        'http://127.0.0.1:33418/',
      ],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    redirectUri,
    host,
  })),
  {
    // github.com/aaif-goose/goose, documentation/static/oauth/client-metadata.json.
    name: 'Goose, by its document',
    document: {
      ...CODE,
      client_id: 'https://goose-docs.ai/oauth/client-metadata.json',
      client_name: 'goose',
      redirect_uris: ['http://127.0.0.1/oauth_callback', 'http://[::1]/oauth_callback'],
      token_endpoint_auth_method: 'none',
      code_challenge_methods_supported: ['S256'],
    },
    redirectUri: 'http://127.0.0.1:49321/oauth_callback',
    host: '127.0.0.1',
  },
  {
    // github.com/aaif-goose/goose/pull/9209.
    name: 'Goose, by registration',
    registration: { ...CODE, client_name: 'goose', redirect_uris: ['http://127.0.0.1:49321/oauth_callback'] },
    redirectUri: 'http://127.0.0.1:49321/oauth_callback',
    host: '127.0.0.1',
  },
  {
    // github.com/anomalyco/opencode/pull/47737; it comes back to another path than it publishes: issue 50510.
    name: 'OpenCode, by its document',
    document: {
      ...CODE,
      client_id: 'https://opencode.ai/oauth/opencode/client.json',
      client_name: 'opencode',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
      token_endpoint_auth_method: 'none',
      token_endpoint_auth_methods_supported: ['none'],
    },
    redirectUri: 'http://127.0.0.1:40001/mcp/oauth/callback',
    host: '127.0.0.1',
  },
  {
    // github.com/elmohq/elmo/pull/684: no type, loopback alone.
    name: 'OpenCode, by registration',
    registration: {
      ...CODE,
      client_name: 'OpenCode',
      redirect_uris: ['http://127.0.0.1:19876/mcp/oauth/callback'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'http://127.0.0.1:19876/mcp/oauth/callback',
    host: '127.0.0.1',
  },
  {
    // As Zed registers: it falls back to this.
    name: 'Zed, or any other on a random loopback port',
    registration: { ...CODE, client_name: 'Zed', redirect_uris: ['http://127.0.0.1:50123/callback'] },
    redirectUri: 'http://127.0.0.1:50123/callback',
    host: '127.0.0.1',
  },
  {
    // github.com/LibreChat-AI/librechat.ai/pull/471: an address of whoever runs it.
    name: 'LibreChat',
    registration: {
      ...CODE,
      client_name: 'LibreChat MCP Client',
      redirect_uris: ['https://chat.example/api/mcp/errand/oauth/callback'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    redirectUri: 'https://chat.example/api/mcp/errand/oauth/callback',
    host: 'chat.example',
  },
  {
    // github.com/google-gemini/gemini-cli/pull/7465.
    name: 'Gemini CLI',
    registration: {
      ...CODE,
      client_name: 'Gemini CLI MCP Client',
      redirect_uris: ['http://localhost:7777/oauth/callback'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'http://localhost:7777/oauth/callback',
    host: 'localhost',
  },
];
