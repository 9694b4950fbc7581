-- What the runs that ended on a day came to, added up in the commits that end them.
CREATE TABLE run_days (
  organization_id TEXT NOT NULL,
  workflow_id TEXT NOT NULL, -- empty: all of the organization
  day INTEGER NOT NULL, -- whole days since 1970, UTC
  measure TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (organization_id, workflow_id, day, measure)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_days_by_day ON run_days (day);
