-- Addresses at which others start runs. Moments are epoch milliseconds.
CREATE TABLE hooks (
  id TEXT COLLATE "C" PRIMARY KEY,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  token_hash TEXT COLLATE "C" NOT NULL UNIQUE, -- SHA-256 of what its address ends with
  settings TEXT NOT NULL, -- JSON: what a person sets
  secrets TEXT NOT NULL, -- JSON: what deliveries are checked with, encrypted
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  accepted BIGINT NOT NULL DEFAULT 0, -- how many deliveries
  refused BIGINT NOT NULL DEFAULT 0,
  accepted_at BIGINT, -- the latest
  run_id TEXT COLLATE "C", -- of the latest run
  refused_at BIGINT,
  refusal TEXT -- why
);

CREATE INDEX hooks_of_organization ON hooks (organization_id, id);
