-- Answers to writes that named an Idempotency-Key, and senders and streams as they are in force.

-- name, request = keyed hashes of whose key it is and of what was asked for. ended = 1 once the request is over; sealed =
-- its answer, under a key made from the client's own Idempotency-Key, which stands nowhere; NULL where it was not kept.
CREATE TABLE kept_answers (
  no INTEGER PRIMARY KEY,
  name BLOB NOT NULL UNIQUE CHECK (length(name) = 32),
  actor TEXT NOT NULL,
  request BLOB NOT NULL CHECK (length(request) = 32),
  at INTEGER NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0,
  sealed BLOB
) STRICT;
CREATE INDEX kept_answers_at ON kept_answers (at);
CREATE INDEX kept_answers_actor ON kept_answers (actor, at);

-- name = sender:ID or stream:ID; value = its settings as JSON, as the file had them when they came into force.
CREATE TABLE settings_in_force (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
