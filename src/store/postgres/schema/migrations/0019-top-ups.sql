-- What operators add to an organization's credits, and which marks of its credits others were told of.
ALTER TABLE credit_accounts ADD COLUMN topped_up BIGINT NOT NULL DEFAULT 0; -- left of top-ups
ALTER TABLE credit_accounts ADD COLUMN drawn BIGINT NOT NULL DEFAULT 0; -- paid by top-ups in month
ALTER TABLE credit_accounts ADD COLUMN told BIGINT NOT NULL DEFAULT 0; -- the highest mark told in month: 0, 80, 100
ALTER TABLE credit_movements ADD COLUMN topped_up_delta BIGINT NOT NULL DEFAULT 0;
ALTER TABLE credit_movements ADD COLUMN reason TEXT; -- of a top-up
ALTER TABLE credit_movements ADD COLUMN idempotency_key TEXT; -- of a top-up
