-- What runs with a budget that they share with the runs that they start have used, those included.
CREATE TABLE run_budgets (
  run_id TEXT PRIMARY KEY,
  limits TEXT NOT NULL, -- JSON
  calls INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  cost_micros INTEGER NOT NULL,
  credits INTEGER NOT NULL -- reserved and used
) STRICT, WITHOUT ROWID;
