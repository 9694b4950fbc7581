-- What runs are told by name and key, and which of them wait for it. Moments are epoch milliseconds.
CREATE TABLE events (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  name TEXT NOT NULL,
  match_key TEXT NOT NULL, -- empty for none
  data TEXT NOT NULL, -- JSON
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  dedupe_key TEXT -- the same key of an organization is the same event; NULL for none
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_match ON events (organization_id, name, match_key, id);
CREATE INDEX events_by_end ON events (expires_at);
CREATE UNIQUE INDEX events_by_dedupe_key ON events (organization_id, dedupe_key) WHERE dedupe_key IS NOT NULL;

-- Nodes that wait for an event. A run's rows are written in its commits.
CREATE TABLE event_waits (
  run_id TEXT NOT NULL,
  node_id TEXT NOT NULL,
  organization_id TEXT NOT NULL,
  name TEXT NOT NULL,
  match_key TEXT NOT NULL,
  since INTEGER NOT NULL, -- earlier events are not for it
  PRIMARY KEY (run_id, node_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_waits_by_match ON event_waits (organization_id, name, match_key, run_id);

-- Which events a run has taken: none is for it again.
CREATE TABLE event_takings (
  event_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  PRIMARY KEY (event_id, run_id)
) STRICT, WITHOUT ROWID;
