-- Secrets that renew themselves, and the values that runs under way still use.
ALTER TABLE secrets ADD COLUMN kind TEXT NOT NULL DEFAULT 'value';
ALTER TABLE secrets ADD COLUMN earlier TEXT; -- JSON: sealed values and when each was replaced; NULL when there are none
