-- Who is told what becomes of an organization's runs. Moments are epoch milliseconds.
CREATE TABLE webhooks (
  id TEXT COLLATE "C" PRIMARY KEY,
  organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
  settings TEXT NOT NULL, -- JSON: address, events and the rest of what a person sets
  secrets TEXT NOT NULL, -- JSON: what deliveries are signed with, encrypted
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE INDEX webhooks_of_organization ON webhooks (organization_id, id);

-- What they are to be told: written in the commit of the run that it tells of.
CREATE TABLE webhook_deliveries (
  id TEXT COLLATE "C" PRIMARY KEY,
  organization_id TEXT COLLATE "C" NOT NULL,
  webhook_id TEXT COLLATE "C" NOT NULL,
  endpoint TEXT COLLATE "C" NOT NULL, -- what is slow or down as one
  url TEXT NOT NULL,
  run_id TEXT COLLATE "C", -- NULL for a test
  seq BIGINT NOT NULL, -- of the event in the run's log
  event TEXT NOT NULL,
  state TEXT NOT NULL, -- pending, delivered or failed
  due_at BIGINT, -- when it is tried next; NULL unless it is pending
  gives_up_at BIGINT NOT NULL,
  attempt_count BIGINT NOT NULL,
  attempts TEXT NOT NULL, -- JSON: the latest
  created_at BIGINT NOT NULL,
  ended_at BIGINT,
  payload TEXT NOT NULL -- JSON: what is sent
);

CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_in_order ON webhook_deliveries (endpoint, run_id, seq) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_of_organization ON webhook_deliveries (organization_id, id);
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at) WHERE ended_at IS NOT NULL;
