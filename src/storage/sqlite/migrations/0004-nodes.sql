-- Processes that share this queue and when each was last known to live: what a silent one has leased is taken over.
CREATE TABLE nodes (
  name TEXT PRIMARY KEY,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
