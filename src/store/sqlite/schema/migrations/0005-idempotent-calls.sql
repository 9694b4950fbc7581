-- Calls that made something beside a run, which has its idempotency key in its own row.
CREATE TABLE idempotent_calls (
  organization_id TEXT NOT NULL, -- the caller's
  key TEXT NOT NULL,
  call_hash TEXT NOT NULL, -- SHA-256 of what was asked for, hex
  made_id TEXT NOT NULL, -- of the API key or organization that came of it
  at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, key)
) STRICT, WITHOUT ROWID;
