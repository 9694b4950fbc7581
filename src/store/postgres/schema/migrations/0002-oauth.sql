-- What people let clients do by signing in, and what the authorization server hands out: of codes and tokens, the hash.
CREATE TABLE grants (
  id TEXT COLLATE "C" PRIMARY KEY,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  key_id TEXT COLLATE "C", -- that was signed in with; NULL when it was none
  client_id TEXT COLLATE "C" NOT NULL,
  client_name TEXT NOT NULL,
  client_host TEXT NOT NULL,
  subject TEXT NOT NULL,
  scopes TEXT NOT NULL, -- JSON
  resources TEXT NOT NULL, -- JSON
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX grants_of_organization ON grants (organization_id, id);
CREATE INDEX grants_by_expiry ON grants (expires_at);

CREATE TABLE oauth_clients (
  id TEXT COLLATE "C" PRIMARY KEY,
  name TEXT NOT NULL,
  redirect_uris TEXT NOT NULL, -- JSON
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX oauth_clients_by_expiry ON oauth_clients (expires_at);

CREATE TABLE oauth_codes (
  hash TEXT COLLATE "C" PRIMARY KEY, -- SHA-256 of the code, hex
  client_id TEXT COLLATE "C" NOT NULL,
  redirect_uri TEXT NOT NULL,
  challenge TEXT NOT NULL,
  grant_json TEXT NOT NULL, -- what it comes to once it is exchanged
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX oauth_codes_by_expiry ON oauth_codes (expires_at);

CREATE TABLE oauth_tokens (
  hash TEXT COLLATE "C" PRIMARY KEY, -- SHA-256 of the token, hex
  kind TEXT NOT NULL, -- access or refresh
  grant_id TEXT COLLATE "C" NOT NULL REFERENCES grants (id),
  organization_id TEXT COLLATE "C" NOT NULL,
  client_id TEXT COLLATE "C" NOT NULL,
  scopes TEXT NOT NULL, -- JSON
  resources TEXT NOT NULL, -- JSON
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX oauth_tokens_of_grant ON oauth_tokens (grant_id);
CREATE INDEX oauth_tokens_by_expiry ON oauth_tokens (expires_at);
