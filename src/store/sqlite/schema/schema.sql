CREATE TABLE api_keys (
  hash TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  hint TEXT NOT NULL,
  scopes TEXT NOT NULL, -- JSON
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_keys_of_organization ON api_keys (organization_id, id);

CREATE TABLE audit_entries (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  seq INTEGER NOT NULL, -- from 1, without gaps
  at INTEGER NOT NULL,
  fact TEXT NOT NULL, -- JSON: actor, from, action, target, before, after
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (organization_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE credit_accounts (
  organization_id TEXT PRIMARY KEY REFERENCES organizations (id),
  monthly_limit INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  used INTEGER NOT NULL, -- in month
  month TEXT NOT NULL -- YYYY-MM, UTC
) STRICT, WITHOUT ROWID;

CREATE TABLE credit_movements (
  organization_id TEXT NOT NULL,
  id TEXT NOT NULL, -- UUIDv7
  run_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  reserved_delta INTEGER NOT NULL,
  used_delta INTEGER NOT NULL,
  month TEXT NOT NULL, -- YYYY-MM, UTC
  at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE deleted_runs (
  run_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

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
, client_signs INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE INDEX grants_by_expiry ON grants (expires_at);

CREATE INDEX grants_of_organization ON grants (organization_id, id);

CREATE TABLE idempotent_calls (
  organization_id TEXT NOT NULL, -- the caller's
  key TEXT NOT NULL,
  call_hash TEXT NOT NULL, -- SHA-256 of what was asked for, hex
  made_id TEXT NOT NULL, -- of the API key or organization that came of it
  at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_credentials (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  provider TEXT NOT NULL,
  nonce TEXT NOT NULL, -- base64
  ciphertext TEXT NOT NULL, -- base64; the key to it is not in this file
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_usage (
  organization_id TEXT NOT NULL,
  month TEXT NOT NULL, -- YYYY-MM, UTC
  model TEXT NOT NULL, -- provider/model
  calls INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cost_micros INTEGER NOT NULL, -- millionths of a US dollar
  unpriced_calls INTEGER NOT NULL,
  PRIMARY KEY (organization_id, month, model)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX oauth_tokens_by_expiry ON oauth_tokens (expires_at);

CREATE INDEX oauth_tokens_of_grant ON oauth_tokens (grant_id);

CREATE TABLE organizations (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  settings TEXT -- JSON; NULL when nothing is set for it
) STRICT, WITHOUT ROWID;

CREATE TABLE run_counts (
  organization_id TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  status TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (organization_id, workflow_id, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_drives (
  run_id TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL,
  crashes INTEGER NOT NULL
, ended_nodes INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE TABLE run_log (
  run_id TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  events TEXT NOT NULL, -- JSON array, ending with the event numbered last_seq
  PRIMARY KEY (run_id, last_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_outputs (
  run_id TEXT PRIMARY KEY,
  output TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  id TEXT PRIMARY KEY, -- UUIDv7: newer runs sort last
  organization_id TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  workflow_version INTEGER NOT NULL,
  workflow_name TEXT NOT NULL,
  status TEXT NOT NULL,
  version INTEGER NOT NULL,
  credits_reserved INTEGER NOT NULL,
  credits_consumed INTEGER NOT NULL,
  agent_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER,
  idempotency_key TEXT,
  input_hash TEXT,
  origin TEXT, -- JSON: priority, parent, rerunOf; NULL when it has none of them
  outcome TEXT, -- JSON: summary, error, outputError, retries; NULL when there is none of them
  nodes TEXT NOT NULL, -- JSON
  output TEXT -- JSON; NULL when there is none, empty when it is in run_outputs
, parent_run_id TEXT, child_key TEXT) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (organization_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

CREATE UNIQUE INDEX runs_by_parent ON runs (parent_run_id, child_key) WHERE parent_run_id IS NOT NULL;

CREATE INDEX runs_ended ON runs (organization_id, status, id) WHERE status NOT IN ('pending', 'running');

CREATE INDEX runs_ended_of_workflow ON runs (organization_id, workflow_id, status, id)
  WHERE status NOT IN ('pending', 'running');

CREATE INDEX runs_of_organization ON runs (organization_id, id);

CREATE INDEX runs_of_workflow ON runs (organization_id, workflow_id, id);

CREATE INDEX runs_unfinished ON runs (id, organization_id, status, workflow_id) WHERE status IN ('pending', 'running');

CREATE TABLE schedules (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  workflow_id TEXT NOT NULL,
  settings TEXT NOT NULL, -- JSON: name, timing, input and the rest of what a person sets
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  next_moment INTEGER, -- the time that is next; NULL when there is none
  due_at INTEGER, -- when the run of that time is to be started
  last TEXT -- JSON: what became of the latest time
, declared INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE INDEX schedules_due ON schedules (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX schedules_of_organization ON schedules (organization_id, id);

CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;

CREATE TABLE secrets (
  organization_id TEXT NOT NULL, -- empty: for all organizations
  name TEXT NOT NULL,
  nonce TEXT NOT NULL,
  ciphertext TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE store_life (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  is_open INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  webhook_id TEXT NOT NULL,
  endpoint TEXT NOT NULL, -- what is slow or down as one
  url TEXT NOT NULL,
  run_id TEXT, -- NULL for a test
  seq INTEGER NOT NULL, -- of the event in the run's log
  event TEXT NOT NULL,
  state TEXT NOT NULL, -- pending, delivered or failed
  due_at INTEGER, -- when it is tried next; NULL unless it is pending
  gives_up_at INTEGER NOT NULL,
  attempt_count INTEGER NOT NULL,
  attempts TEXT NOT NULL, -- JSON: the latest
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  payload TEXT NOT NULL -- JSON: what is sent
) STRICT;

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint, due_at, id) WHERE due_at IS NOT NULL;

CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX webhook_deliveries_in_order ON webhook_deliveries (endpoint, run_id, seq) WHERE due_at IS NOT NULL;

CREATE INDEX webhook_deliveries_of_organization ON webhook_deliveries (organization_id, id);

CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook_id, id);

CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  settings TEXT NOT NULL, -- JSON: address, events and the rest of what a person sets
  secrets TEXT NOT NULL, -- JSON: what deliveries are signed with, encrypted
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX webhooks_of_organization ON webhooks (organization_id, id);

CREATE TABLE workflow_versions (
  workflow_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  definition TEXT NOT NULL, -- JSON
  handlers TEXT NOT NULL, -- JSON
  PRIMARY KEY (workflow_id, version)
) STRICT;

CREATE TABLE write_checks (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  checked_at INTEGER NOT NULL
) STRICT;
