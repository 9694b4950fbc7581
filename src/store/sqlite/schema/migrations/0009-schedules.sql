-- What starts runs at times. Moments are epoch milliseconds.
CREATE TABLE schedules (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  workflow_id TEXT NOT NULL,
  settings TEXT NOT NULL, -- JSON: name, timing, input and the rest of what a person sets
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  next_moment INTEGER, -- the time that is next; NULL when there is none
  due_at INTEGER, -- when the run of that time is to be started
  last TEXT -- JSON: what became of the latest time
) STRICT, WITHOUT ROWID;

CREATE INDEX schedules_of_organization ON schedules (organization_id, id);
CREATE INDEX schedules_due ON schedules (due_at) WHERE due_at IS NOT NULL;
