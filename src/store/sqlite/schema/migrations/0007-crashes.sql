-- Whether a process has the file open, or had when it died.
CREATE TABLE store_life (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  is_open INTEGER NOT NULL
) STRICT;

INSERT INTO store_life (id, is_open) VALUES (1, 0);

-- How many nodes of the run had ended at the latest crash: what gets on is not what crashes.
ALTER TABLE run_drives ADD COLUMN ended_nodes INTEGER NOT NULL DEFAULT 0;
