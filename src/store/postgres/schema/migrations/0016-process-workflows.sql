-- Which workflows each process has from its folder, and in which version: a JSON object.
ALTER TABLE processes ADD COLUMN workflows TEXT NOT NULL DEFAULT '{}';
