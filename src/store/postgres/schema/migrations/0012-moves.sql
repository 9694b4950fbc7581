-- That the records go to another place, or come from one. One row at most.
CREATE TABLE moves (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  move_id TEXT NOT NULL, -- the same on both sides
  direction TEXT NOT NULL, -- away or here
  other TEXT NOT NULL, -- the other side, for people
  begun_at BIGINT NOT NULL,
  done_at BIGINT
);

-- Which processes are at work on the records, and when each last said so.
CREATE TABLE processes (
  id TEXT COLLATE "C" PRIMARY KEY,
  place TEXT NOT NULL, -- host and process, for people
  program TEXT NOT NULL, -- its version
  seen_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Nothing has used it.
DROP TABLE store_life;
