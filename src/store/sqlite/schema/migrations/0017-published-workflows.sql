-- Workflows that are published into the store. Versions are in workflow_versions; those of one organization's own
-- workflow under the organization's id, a slash, and the workflow's id.

-- Which version of each can be started.
CREATE TABLE published_workflows (
  organization_id TEXT NOT NULL, -- empty: for all organizations
  workflow_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (organization_id, workflow_id)
) STRICT, WITHOUT ROWID;

-- What was switched in one moment. Numbers are over all organizations, in the order in which they took effect.
CREATE TABLE workflow_publications (
  number INTEGER PRIMARY KEY,
  organization_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  key_id TEXT,
  changes TEXT NOT NULL -- JSON: [{ workflowId, before, after }]
) STRICT;
CREATE INDEX workflow_publications_of_organization ON workflow_publications (organization_id, number);

-- Code of handlers, by the SHA-256 of it.
CREATE TABLE workflow_bundles (
  sha TEXT PRIMARY KEY,
  code TEXT NOT NULL,
  packages TEXT NOT NULL, -- JSON: what it imports from packages
  at INTEGER NOT NULL
) STRICT;
