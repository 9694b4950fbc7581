-- What cancels, retries or repeats all runs that a filter finds. Moments are epoch milliseconds.
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
