-- JSON: runId, nodeId, depth; NULL for a run that a caller started.
ALTER TABLE runs ADD COLUMN parent TEXT;
