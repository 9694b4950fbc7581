-- Very long texts of a run: the output, where `runs` says that it is elsewhere and `run_outputs` has none, and rows of
-- `run_log` whose events are empty. In pieces, so that none takes long to write or to read.
CREATE TABLE run_pieces (
  run_id TEXT NOT NULL,
  place INTEGER NOT NULL, -- last_seq of the row of run_log; 0: the output
  piece INTEGER NOT NULL, -- from 0
  pieces INTEGER NOT NULL, -- how many there are
  bytes BLOB NOT NULL, -- of JSON
  PRIMARY KEY (run_id, place, piece)
) STRICT, WITHOUT ROWID;
