-- Who is told what becomes of an organization's runs. Moments are epoch milliseconds.
CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  settings TEXT NOT NULL, -- JSON: address, events and the rest of what a person sets
  secrets TEXT NOT NULL, -- JSON: what deliveries are signed with, encrypted
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX webhooks_of_organization ON webhooks (organization_id, id);

-- What they are to be told: written in the commit of the run that it tells of.
CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  webhook_id TEXT NOT NULL,
  endpoint TEXT NOT NULL, -- what is slow or down as one
  url TEXT NOT NULL,
  run_id TEXT, -- NULL for a test
  seq INTEGER NOT NULL, -- of the event in the run's log
  event TEXT NOT NULL,
  state TEXT NOT NULL, -- pending, delivered or failed
  due_at INTEGER, -- when it is tried next; NULL unless it is pending
  gives_up_at INTEGER NOT NULL,
  attempt_count INTEGER NOT NULL,
  attempts TEXT NOT NULL, -- JSON: the latest
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  payload TEXT NOT NULL -- JSON: what is sent
) STRICT;

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_in_order ON webhook_deliveries (endpoint, run_id, seq) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_of_organization ON webhook_deliveries (organization_id, id);
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;
