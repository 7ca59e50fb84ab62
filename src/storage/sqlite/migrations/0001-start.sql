-- The first schema: people, consents, suppressions, audit chain, queue, identities, signing keys.

-- Texts that many rows share (senders, streams, topics, actors, domains, wordings of consent). Never changed, never deleted.
CREATE TABLE names (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- Small figures kept in step with the rows: events by type, recipients by state, bytes of content.
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The only place where an address is readable: sealed {salt of the data key, address}. Deleting a row erases the person.
-- Rows are appended, and a small index finds them: keyed by the subject itself, each new person would dirty a page of
-- its own, since indexes are spread evenly by design.
CREATE TABLE subjects (
  id INTEGER PRIMARY KEY,
  subject BLOB NOT NULL UNIQUE CHECK (length(subject) = 16),
  sealed BLOB NOT NULL
) STRICT;

-- Append-only. id = sequence of the audit event that recorded the row * 65536 + place in it.
CREATE TABLE consent_events (
  id INTEGER PRIMARY KEY,
  subject BLOB NOT NULL,
  sender INTEGER NOT NULL,
  topic INTEGER,
  kind INTEGER NOT NULL,
  basis INTEGER,
  by_person INTEGER,
  at INTEGER NOT NULL,
  until_at INTEGER,
  recorded_at INTEGER NOT NULL,
  actor INTEGER NOT NULL,
  message_id TEXT,
  evidence INTEGER,
  sealed BLOB
) STRICT;
-- All that a standing depends on: the question at RCPT is answered from this index alone.
CREATE INDEX consent_events_standing ON consent_events
  (subject, sender, topic, kind, at, basis, by_person, until_at);

-- One request for consent to each address of each sender, ever. The row outlives an erasure; what it seals does not.
CREATE TABLE consent_requests (
  subject BLOB NOT NULL,
  sender INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  topic INTEGER NOT NULL,
  at INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (subject, sender)
) STRICT, WITHOUT ROWID;

-- sequence = the audit event that made the row, which holds the row's digest.
CREATE TABLE suppressions (
  subject BLOB NOT NULL,
  scope_kind INTEGER NOT NULL,
  scope_name INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  of_domain INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  message_id TEXT,
  reason BLOB,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (subject, scope_kind, scope_name, kind)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX suppressions_sequence ON suppressions (sequence);

-- hash = SHA-256 over the hash before and this event: audit/chain.ts.
CREATE TABLE audit_events (
  sequence INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  message_id TEXT,
  subject BLOB,
  stream INTEGER,
  sender INTEGER,
  rest TEXT NOT NULL,
  sealed BLOB,
  hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_events_at ON audit_events (at);
CREATE INDEX audit_events_type ON audit_events (type);
CREATE INDEX audit_events_message ON audit_events (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX audit_events_subject ON audit_events (subject) WHERE subject IS NOT NULL;

-- open = recipients not yet in a final state. sealed = envelope and trace, until the last recipient is settled.
CREATE TABLE messages (
  no INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL UNIQUE,
  stream INTEGER NOT NULL,
  sender INTEGER NOT NULL,
  from_domain INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  notification INTEGER NOT NULL,
  open INTEGER NOT NULL,
  sealed BLOB
) STRICT;
CREATE INDEX messages_settled ON messages (received_at) WHERE open = 0;

CREATE TABLE contents (
  message INTEGER PRIMARY KEY REFERENCES messages (no),
  sealed BLOB NOT NULL
) STRICT;

CREATE TABLE held (
  message INTEGER PRIMARY KEY REFERENCES messages (no),
  stream INTEGER NOT NULL,
  held_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT;

-- state: place in queue/store.ts recipientStates. sealed = address as given and DSN wishes, where they differ from the
-- person's record; last_reply is TEXT, or a sealed BLOB where the words name the person.
CREATE TABLE recipients (
  message INTEGER NOT NULL REFERENCES messages (no),
  n INTEGER NOT NULL,
  subject BLOB NOT NULL,
  stream INTEGER NOT NULL,
  destination INTEGER NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER,
  owner TEXT,
  leased_until INTEGER,
  uncertain INTEGER NOT NULL DEFAULT 0,
  sealed BLOB,
  last_reply ANY,
  PRIMARY KEY (message, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipients_waiting ON recipients (stream, destination, next_attempt_at) WHERE state = 1;
CREATE INDEX recipients_open ON recipients (state) WHERE state < 4;
CREATE INDEX recipients_subject ON recipients (subject) WHERE state < 4;

-- One row for each stream and destination that has waiting recipients. due_at = when the lane wants its next turn: the
-- earliest next_attempt_at, but not before its last turn; so lanes take turns however many wait in one of them.
CREATE TABLE lanes (
  stream INTEGER NOT NULL,
  destination INTEGER NOT NULL,
  sender INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  PRIMARY KEY (stream, destination)
) STRICT, WITHOUT ROWID;
CREATE INDEX lanes_due ON lanes (stream, due_at, turn);

CREATE TABLE fingerprints (
  digest BLOB PRIMARY KEY,
  message_id TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX fingerprints_at ON fingerprints (at);

CREATE TABLE credentials (
  username TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  stream TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER,
  secrets TEXT NOT NULL,
  ranges TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;

-- The private half stands in a sealed file under keys_dir.
CREATE TABLE dkim_keys (
  domain TEXT NOT NULL,
  selector TEXT NOT NULL,
  algorithm TEXT NOT NULL,
  bits INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_since INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  public_key BLOB NOT NULL,
  PRIMARY KEY (domain, selector)
) STRICT, WITHOUT ROWID;
