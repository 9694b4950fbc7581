-- What people let clients do by signing in, and what the authorization server hands out: of codes and tokens, the hash.
CREATE TABLE grants (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  key_id TEXT, -- that was signed in with; NULL when it was none
  client_id TEXT NOT NULL,
  client_name TEXT NOT NULL,
  client_host TEXT NOT NULL,
  subject TEXT NOT NULL,
  scopes TEXT NOT NULL, -- JSON
  resources TEXT NOT NULL, -- JSON
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_of_organization ON grants (organization_id, id);
CREATE INDEX grants_by_expiry ON grants (expires_at);

CREATE TABLE oauth_clients (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  redirect_uris TEXT NOT NULL, -- JSON
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_clients_by_expiry ON oauth_clients (expires_at);

CREATE TABLE oauth_codes (
  hash TEXT PRIMARY KEY, -- SHA-256 of the code, hex
  client_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  challenge TEXT NOT NULL,
  grant_json TEXT NOT NULL, -- what it comes to once it is exchanged
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_codes_by_expiry ON oauth_codes (expires_at);

CREATE TABLE oauth_tokens (
  hash TEXT PRIMARY KEY, -- SHA-256 of the token, hex
  kind TEXT NOT NULL, -- access or refresh
  grant_id TEXT NOT NULL REFERENCES grants (id),
  organization_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  scopes TEXT NOT NULL, -- JSON
  resources TEXT NOT NULL, -- JSON
  expires_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_tokens_of_grant ON oauth_tokens (grant_id);
CREATE INDEX oauth_tokens_by_expiry ON oauth_tokens (expires_at);
