-- What cancels, retries or repeats all runs that a filter finds. Moments are epoch milliseconds.
CREATE TABLE bulk_jobs (
  id TEXT COLLATE "C" PRIMARY KEY,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  wanted TEXT NOT NULL, -- JSON: the action, the filter, who asked for it
  status TEXT NOT NULL,
  progress TEXT NOT NULL, -- JSON
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  ended_at BIGINT,
  owner TEXT, -- the process that works at it
  free_at BIGINT NOT NULL -- from then on another may
);

CREATE INDEX bulk_jobs_of_organization ON bulk_jobs (organization_id, id);
CREATE INDEX bulk_jobs_to_do ON bulk_jobs (free_at, id) WHERE status = 'running';
