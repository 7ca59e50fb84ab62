-- The token that made a token over HTTP: they end together. Of those from before it is not known.
ALTER TABLE tokens ADD COLUMN made_by TEXT;
