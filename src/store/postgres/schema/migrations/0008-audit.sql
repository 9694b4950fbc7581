-- Every change by a person or key: who, from where, what, before and after. Each row bears the hash of the one before.
CREATE TABLE audit_entries (
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  seq BIGINT NOT NULL, -- from 1, without gaps
  at BIGINT NOT NULL,
  fact TEXT NOT NULL, -- JSON: actor, from, action, target, before, after
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (organization_id, seq)
);
