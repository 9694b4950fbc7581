-- Addresses at which others start runs. Moments are epoch milliseconds.
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
