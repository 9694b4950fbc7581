-- That the records go to another place, or come from one. One row at most.
CREATE TABLE moves (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  move_id TEXT NOT NULL, -- the same on both sides
  direction TEXT NOT NULL, -- away or here
  other TEXT NOT NULL, -- the other side, for people
  begun_at INTEGER NOT NULL,
  done_at INTEGER
) STRICT;
