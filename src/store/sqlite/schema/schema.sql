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

CREATE TABLE bulk_jobs (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  wanted TEXT NOT NULL, -- JSON: the action, the filter, who asked for it
  status TEXT NOT NULL,
  progress TEXT NOT NULL, -- JSON
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  ended_at INTEGER,
  owner TEXT, -- the process that works at it
  free_at INTEGER NOT NULL -- from then on another may
) STRICT, WITHOUT ROWID;

CREATE INDEX bulk_jobs_of_organization ON bulk_jobs (organization_id, id);

CREATE INDEX bulk_jobs_to_do ON bulk_jobs (free_at, id) WHERE status = 'running';

CREATE TABLE credit_accounts (
  organization_id TEXT PRIMARY KEY REFERENCES organizations (id),
  monthly_limit INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  used INTEGER NOT NULL, -- in month
  month TEXT NOT NULL -- YYYY-MM, UTC
, topped_up INTEGER NOT NULL DEFAULT 0, drawn INTEGER NOT NULL DEFAULT 0, told INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE TABLE credit_movements (
  organization_id TEXT NOT NULL,
  id TEXT NOT NULL, -- UUIDv7
  run_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  reserved_delta INTEGER NOT NULL,
  used_delta INTEGER NOT NULL,
  month TEXT NOT NULL, -- YYYY-MM, UTC
  at INTEGER NOT NULL, topped_up_delta INTEGER NOT NULL DEFAULT 0, reason TEXT, idempotency_key TEXT,
  PRIMARY KEY (organization_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE deleted_runs (
  run_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE event_takings (
  event_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  PRIMARY KEY (event_id, run_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_waits (
  run_id TEXT NOT NULL,
  node_id TEXT NOT NULL,
  organization_id TEXT NOT NULL,
  name TEXT NOT NULL,
  match_key TEXT NOT NULL,
  since INTEGER NOT NULL, -- earlier events are not for it
  PRIMARY KEY (run_id, node_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_waits_by_match ON event_waits (organization_id, name, match_key, run_id);

CREATE TABLE events (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  name TEXT NOT NULL,
  match_key TEXT NOT NULL, -- empty for none
  data TEXT NOT NULL, -- JSON
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  dedupe_key TEXT -- the same key of an organization is the same event; NULL for none
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX events_by_dedupe_key ON events (organization_id, dedupe_key) WHERE dedupe_key IS NOT NULL;

CREATE INDEX events_by_end ON events (expires_at);

CREATE INDEX events_by_match ON events (organization_id, name, match_key, id);

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

CREATE TABLE hooks (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  token_hash TEXT NOT NULL UNIQUE, -- SHA-256 of what its address ends with
  settings TEXT NOT NULL, -- JSON: what a person sets
  secrets TEXT NOT NULL, -- JSON: what deliveries are checked with, encrypted
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  accepted INTEGER NOT NULL DEFAULT 0, -- how many deliveries
  refused INTEGER NOT NULL DEFAULT 0,
  accepted_at INTEGER, -- the latest
  run_id TEXT, -- of the latest run
  refused_at INTEGER,
  refusal TEXT -- why
) STRICT, WITHOUT ROWID;

CREATE INDEX hooks_of_organization ON hooks (organization_id, id);

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

CREATE TABLE moves (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  move_id TEXT NOT NULL, -- the same on both sides
  direction TEXT NOT NULL, -- away or here
  other TEXT NOT NULL, -- the other side, for people
  begun_at INTEGER NOT NULL,
  done_at INTEGER
) STRICT;

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

CREATE TABLE published_workflows (
  organization_id TEXT NOT NULL, -- empty: for all organizations
  workflow_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (organization_id, workflow_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_budgets (
  run_id TEXT PRIMARY KEY,
  limits TEXT NOT NULL, -- JSON
  calls INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  cost_micros INTEGER NOT NULL,
  credits INTEGER NOT NULL -- reserved and used
) STRICT, WITHOUT ROWID;

CREATE TABLE run_counts (
  organization_id TEXT NOT NULL,
  workflow_id TEXT NOT NULL,
  status TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (organization_id, workflow_id, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_days (
  organization_id TEXT NOT NULL,
  workflow_id TEXT NOT NULL, -- empty: all of the organization
  day INTEGER NOT NULL, -- whole days since 1970, UTC
  measure TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (organization_id, workflow_id, day, measure)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_days_by_day ON run_days (day);

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

CREATE TABLE run_pieces (
  run_id TEXT NOT NULL,
  place INTEGER NOT NULL, -- last_seq of the row of run_log; 0: the output
  piece INTEGER NOT NULL, -- from 0
  pieces INTEGER NOT NULL, -- how many there are
  bytes BLOB NOT NULL, -- of JSON
  PRIMARY KEY (run_id, place, piece)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_terms (
  organization_id TEXT NOT NULL,
  term TEXT NOT NULL, -- tag=…, metadata.NAME=…, input.PATH=… or output.PATH=…
  run_id TEXT NOT NULL,
  PRIMARY KEY (organization_id, term, run_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_terms_of_run ON run_terms (run_id);

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
  updated_at INTEGER NOT NULL, kind TEXT NOT NULL DEFAULT 'value', earlier TEXT,
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

CREATE TABLE workflow_bundles (
  sha TEXT PRIMARY KEY,
  code TEXT NOT NULL,
  packages TEXT NOT NULL, -- JSON: what it imports from packages
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE workflow_drafts (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL, -- empty: for all organizations
  workflow_id TEXT, -- what its text says; null: nothing that can be made out
  name TEXT,
  base_version INTEGER, -- the published version that it was made of; null: a new workflow
  faults INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  key_id TEXT,
  text TEXT NOT NULL,
  format TEXT NOT NULL
) STRICT;

CREATE INDEX workflow_drafts_of_organization ON workflow_drafts (organization_id, id);

CREATE TABLE workflow_publications (
  number INTEGER PRIMARY KEY,
  organization_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  key_id TEXT,
  changes TEXT NOT NULL -- JSON: [{ workflowId, before, after }]
) STRICT;

CREATE INDEX workflow_publications_of_organization ON workflow_publications (organization_id, number);

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
