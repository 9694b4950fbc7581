-- Of runs that were taken up again after a restart, a retry or a failure: how often, and how often the process died meanwhile.
CREATE TABLE run_drives (
  run_id TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL,
  crashes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
