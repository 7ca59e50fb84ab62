-- A fingerprint is one recipient's: the n-th of the message. Those from before that count for a message to one.
ALTER TABLE fingerprints ADD COLUMN n INTEGER NOT NULL DEFAULT 1;
