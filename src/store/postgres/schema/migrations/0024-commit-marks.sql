-- The newest transaction of each connection that has committed: whoever loses the answer to a COMMIT finds out here what
-- came of it. The id of a transaction does not tell that: after a crash the database gives ids to others that were
-- under way.
CREATE TABLE commit_marks (
  connection TEXT COLLATE "C" PRIMARY KEY,
  number BIGINT NOT NULL, -- counts the connection's transactions
  at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
