-- Definitions that are being written and are not published yet.
CREATE TABLE workflow_drafts (
  id TEXT COLLATE "C" PRIMARY KEY,
  organization_id TEXT COLLATE "C" NOT NULL, -- empty: for all organizations
  workflow_id TEXT COLLATE "C", -- what its text says; null: nothing that can be made out
  name TEXT,
  base_version INTEGER, -- the published version that it was made of; null: a new workflow
  faults INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  key_id TEXT,
  text TEXT NOT NULL,
  format TEXT NOT NULL
);
CREATE INDEX workflow_drafts_of_organization ON workflow_drafts (organization_id, id);
