-- Every change by a person or key: who, from where, what, before and after. Each row bears the hash of the one before.
CREATE TABLE audit_entries (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  seq INTEGER NOT NULL, -- from 1, without gaps
  at INTEGER NOT NULL,
  fact TEXT NOT NULL, -- JSON: actor, from, action, target, before, after
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (organization_id, seq)
) STRICT, WITHOUT ROWID;
