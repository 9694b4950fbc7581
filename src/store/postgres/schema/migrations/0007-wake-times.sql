-- When a run that is parked goes on, in epoch milliseconds; of no meaning while a call drives it. No index holds it.
ALTER TABLE runs ADD COLUMN wake_at BIGINT;
