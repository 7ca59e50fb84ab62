-- Processes that share this queue: a beat more each time one tells that it lives. What a silent one has leased is taken over.
CREATE TABLE nodes (
  name TEXT PRIMARY KEY,
  beat INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
