-- What starts runs at times. Moments are epoch milliseconds.
CREATE TABLE schedules (
  id TEXT COLLATE "C" PRIMARY KEY,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  workflow_id TEXT COLLATE "C" NOT NULL,
  settings TEXT NOT NULL, -- JSON: name, timing, input and the rest of what a person sets
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  next_moment BIGINT, -- the time that is next; NULL when there is none
  due_at BIGINT, -- when the run of that time is to be started
  last TEXT -- JSON: what became of the latest time
);

CREATE INDEX schedules_of_organization ON schedules (organization_id, id);
CREATE INDEX schedules_due ON schedules (due_at) WHERE due_at IS NOT NULL;
