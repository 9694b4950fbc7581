-- Which call of an engine that many processes share drives the run; NULL when none does. No index holds it, so that a
-- claim needs no new entries in any.
ALTER TABLE runs ADD COLUMN driver TEXT COLLATE "C";
CREATE INDEX runs_pending ON runs (id) WHERE status = 'pending';

-- What was said to runs that other processes drive. Rows come and go.
CREATE TABLE run_mail (
  id TEXT COLLATE "C" PRIMARY KEY, -- UUIDv7
  organization_id TEXT COLLATE "C" NOT NULL,
  run_id TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  body TEXT NOT NULL, -- JSON
  is_given BOOLEAN NOT NULL, -- to a driver
  verdict TEXT -- what came of it; NULL as long as that is not known
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX run_mail_of_run ON run_mail (run_id, id) WHERE verdict IS NULL;
