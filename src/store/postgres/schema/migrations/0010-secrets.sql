-- Values that workflows use, encrypted; the key is in no table.
CREATE TABLE secrets (
  organization_id TEXT COLLATE "C" NOT NULL, -- empty: for all organizations
  name TEXT COLLATE "C" NOT NULL,
  nonce TEXT NOT NULL,
  ciphertext TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, name)
);
