-- What runs with a budget that they share with the runs that they start have used, those included.
CREATE TABLE run_budgets (
  run_id TEXT COLLATE "C" PRIMARY KEY,
  limits TEXT NOT NULL, -- JSON
  calls BIGINT NOT NULL,
  tokens BIGINT NOT NULL,
  cost_micros BIGINT NOT NULL,
  credits BIGINT NOT NULL -- reserved and used
);
