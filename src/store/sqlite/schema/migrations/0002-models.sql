CREATE TABLE model_credentials (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  provider TEXT NOT NULL,
  nonce TEXT NOT NULL, -- base64
  ciphertext TEXT NOT NULL, -- base64; the key to it is not in this file
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_usage (
  organization_id TEXT NOT NULL,
  month TEXT NOT NULL, -- YYYY-MM, UTC
  model TEXT NOT NULL, -- provider/model
  calls INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cost_micros INTEGER NOT NULL, -- millionths of a US dollar
  unpriced_calls INTEGER NOT NULL,
  PRIMARY KEY (organization_id, month, model)
) STRICT, WITHOUT ROWID;
