-- What the runs that ended on a day came to, added up in the commits that end them. As with `run_counts`, an amount is
-- the sum over the shards.
CREATE TABLE run_days (
  organization_id TEXT COLLATE "C" NOT NULL,
  workflow_id TEXT COLLATE "C" NOT NULL, -- empty: all of the organization
  day BIGINT NOT NULL, -- whole days since 1970, UTC
  measure TEXT COLLATE "C" NOT NULL,
  shard BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (organization_id, workflow_id, day, measure, shard)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE INDEX run_days_by_day ON run_days (day);
