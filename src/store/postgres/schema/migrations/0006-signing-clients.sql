ALTER TABLE grants ADD COLUMN client_signs INTEGER NOT NULL DEFAULT 0; -- whether its client proves itself with a key
