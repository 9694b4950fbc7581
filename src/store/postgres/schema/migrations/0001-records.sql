-- Ids, keys and slugs compare by their bytes, so that lists have the same order on every server.

CREATE TABLE organizations (
  id TEXT COLLATE "C" CONSTRAINT organizations_id PRIMARY KEY,
  slug TEXT COLLATE "C" NOT NULL CONSTRAINT organizations_slug UNIQUE,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  settings TEXT -- JSON; NULL when nothing is set for it
);

CREATE TABLE api_keys (
  hash TEXT COLLATE "C" CONSTRAINT api_keys_hash PRIMARY KEY,
  id TEXT COLLATE "C" NOT NULL CONSTRAINT api_keys_id UNIQUE,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  hint TEXT NOT NULL,
  scopes TEXT NOT NULL, -- JSON
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX api_keys_of_organization ON api_keys (organization_id, id);

CREATE TABLE idempotent_calls (
  organization_id TEXT COLLATE "C" NOT NULL, -- the caller's
  key TEXT COLLATE "C" NOT NULL,
  call_hash TEXT NOT NULL, -- SHA-256 of what was asked for, hex
  made_id TEXT NOT NULL, -- of the API key or organization that came of it
  at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, key)
);

-- Rows that are changed again and again have room on their page, so that a change needs no new entries in indexes.
CREATE TABLE credit_accounts (
  organization_id TEXT COLLATE "C" PRIMARY KEY REFERENCES organizations (id),
  monthly_limit BIGINT NOT NULL,
  reserved BIGINT NOT NULL,
  used BIGINT NOT NULL, -- in month
  month TEXT NOT NULL -- YYYY-MM, UTC
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE credit_movements (
  organization_id TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL, -- UUIDv7
  run_id TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  reserved_delta BIGINT NOT NULL,
  used_delta BIGINT NOT NULL,
  month TEXT NOT NULL, -- YYYY-MM, UTC
  at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id)
);

CREATE TABLE model_credentials (
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  provider TEXT COLLATE "C" NOT NULL,
  nonce TEXT NOT NULL, -- base64
  ciphertext TEXT NOT NULL, -- base64; the key to it is not in this database
  hint TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, provider)
);

CREATE TABLE model_usage (
  organization_id TEXT COLLATE "C" NOT NULL,
  month TEXT COLLATE "C" NOT NULL, -- YYYY-MM, UTC
  model TEXT COLLATE "C" NOT NULL, -- provider/model
  calls BIGINT NOT NULL,
  input_tokens BIGINT NOT NULL,
  cached_input_tokens BIGINT NOT NULL,
  output_tokens BIGINT NOT NULL,
  cost_micros BIGINT NOT NULL, -- millionths of a US dollar
  unpriced_calls BIGINT NOT NULL,
  PRIMARY KEY (organization_id, month, model)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE workflow_versions (
  workflow_id TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  definition TEXT NOT NULL, -- JSON
  handlers TEXT NOT NULL, -- JSON
  PRIMARY KEY (workflow_id, version)
);

CREATE TABLE runs (
  id TEXT COLLATE "C" CONSTRAINT runs_id PRIMARY KEY, -- UUIDv7: newer runs sort last
  organization_id TEXT COLLATE "C" NOT NULL,
  workflow_id TEXT COLLATE "C" NOT NULL,
  workflow_version BIGINT NOT NULL,
  workflow_name TEXT NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL, -- of the newest event
  row_version BIGINT NOT NULL, -- of the newest event that the other columns hold; the log has the rest
  epoch BIGINT NOT NULL, -- of its driver
  crashes BIGINT NOT NULL,
  ended_nodes BIGINT NOT NULL, -- at the latest crash
  credits_reserved BIGINT NOT NULL,
  credits_consumed BIGINT NOT NULL,
  agent_count BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  completed_at BIGINT,
  idempotency_key TEXT COLLATE "C",
  input_hash TEXT,
  parent_run_id TEXT COLLATE "C",
  child_key TEXT COLLATE "C",
  origin TEXT, -- JSON: priority, parent, rerunOf; NULL when it has none of them
  outcome TEXT, -- JSON: summary, error, outputError, retries; NULL when there is none of them
  nodes TEXT NOT NULL, -- JSON
  output TEXT -- JSON; NULL when there is none
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX runs_by_parent ON runs (parent_run_id, child_key) WHERE child_key IS NOT NULL;
CREATE INDEX runs_of_organization ON runs (organization_id, id);
CREATE INDEX runs_of_workflow ON runs (organization_id, workflow_id, id);
CREATE INDEX runs_of_status ON runs (organization_id, status, id);
CREATE INDEX runs_of_workflow_and_status ON runs (organization_id, workflow_id, status, id);
CREATE INDEX runs_unfinished ON runs (id) WHERE status IN ('pending', 'running');

-- One row a commit; several for a large one.
CREATE TABLE run_log (
  organization_id TEXT COLLATE "C" NOT NULL,
  run_id TEXT COLLATE "C" NOT NULL,
  last_seq BIGINT NOT NULL,
  events TEXT NOT NULL, -- JSON array, ending with the event numbered last_seq
  CONSTRAINT run_log_of_run PRIMARY KEY (run_id, last_seq)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);

-- Removed runs whose log is still to go.
CREATE TABLE deleted_runs (
  organization_id TEXT COLLATE "C" NOT NULL,
  run_id TEXT COLLATE "C" PRIMARY KEY
);

-- How many runs there are is the sum over the shards: each writer adds to rows of its own, and waits for no other.
CREATE TABLE run_counts (
  organization_id TEXT COLLATE "C" NOT NULL,
  workflow_id TEXT COLLATE "C" NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  shard BIGINT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (organization_id, workflow_id, status, shard)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Which process has the database, and when it last said so; also whether one had it when it died.
CREATE TABLE store_life (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  owner TEXT NOT NULL,
  place TEXT NOT NULL, -- host and process, for people
  is_open BOOLEAN NOT NULL,
  holds_lock BOOLEAN NOT NULL, -- whether it also has the session lock
  seen_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
