-- A commit's row has a bounded length; rows from before that bound are split into one row an event. The rows pass through a table of
-- the file, as SQLite would otherwise hold all of them in memory. SQLite reads no JSON nested over 1,000 levels: such rows stay.
CREATE TABLE split_log (run_id TEXT NOT NULL, last_seq INTEGER NOT NULL, events TEXT NOT NULL) STRICT;

INSERT INTO split_log
SELECT run_id, value ->> '$.seq', json_array(json(value))
FROM run_log, json_each(events)
WHERE octet_length(events) > 1048576 AND json_valid(events);

DELETE FROM run_log WHERE octet_length(events) > 1048576 AND json_valid(events);
INSERT INTO run_log SELECT run_id, last_seq, events FROM split_log;
DROP TABLE split_log;
