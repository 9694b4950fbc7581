-- What runs are found by: tags, metadata, and the fields that their workflows declare as searchable.
CREATE TABLE run_terms (
  organization_id TEXT COLLATE "C" NOT NULL,
  term TEXT COLLATE "C" NOT NULL, -- tag=…, metadata.NAME=…, input.PATH=… or output.PATH=…
  run_id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization_id, term, run_id)
);
CREATE INDEX run_terms_of_run ON run_terms (run_id);
