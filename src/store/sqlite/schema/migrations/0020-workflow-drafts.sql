-- Definitions that are being written and are not published yet.
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
