-- A run that another one started is known by its parent's id and a key that the parent gives it. Before, that was an idempotency key,
-- `errand:<parent>:<key>`, which callers could choose too: such a run has no parent.
ALTER TABLE runs ADD COLUMN parent_run_id TEXT;
ALTER TABLE runs ADD COLUMN child_key TEXT;

UPDATE runs SET
  parent_run_id = origin ->> '$.parent.runId',
  child_key = substr(idempotency_key, length('errand:' || (origin ->> '$.parent.runId') || ':') + 1),
  idempotency_key = NULL,
  input_hash = NULL
WHERE id IN (SELECT id FROM runs INDEXED BY runs_by_idempotency_key WHERE idempotency_key GLOB 'errand:*')
  AND idempotency_key GLOB 'errand:' || (origin ->> '$.parent.runId') || ':*';

CREATE UNIQUE INDEX runs_by_parent ON runs (parent_run_id, child_key) WHERE parent_run_id IS NOT NULL;
