-- Values that workflows use, encrypted; the key is in no table.
CREATE TABLE secrets (
  organization_id TEXT NOT NULL, -- empty: for all organizations
  name TEXT NOT NULL,
  nonce TEXT NOT NULL,
  ciphertext TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, name)
) STRICT, WITHOUT ROWID;
