-- People who administer, their sessions, what waits for a second person, campaigns, and the kill switch.

ALTER TABLE tokens ADD COLUMN owner TEXT;
ALTER TABLE tokens ADD COLUMN senders TEXT;
ALTER TABLE tokens ADD COLUMN masked INTEGER NOT NULL DEFAULT 0;

-- sealed = {email, name, TOTP secret}; email_index is keyed, as a recipient's is. rest = roles, senders and such, as JSON.
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  email_index BLOB NOT NULL UNIQUE CHECK (length(email_index) = 16),
  created_at INTEGER NOT NULL,
  disabled_at INTEGER,
  last_used_at INTEGER,
  totp_step INTEGER NOT NULL DEFAULT 0,
  recovery TEXT NOT NULL,
  rest TEXT NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- hash = SHA-256 of the secret in the cookie.
CREATE TABLE sessions (
  hash TEXT PRIMARY KEY,
  user TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  proved_at INTEGER NOT NULL,
  remote TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user);

-- ref = what makes two requests the same; sealed = what is asked for, with what it needs of people and words.
CREATE TABLE approvals (
  no INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  ref TEXT NOT NULL,
  state TEXT NOT NULL,
  sender TEXT,
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  decided_by TEXT,
  decided_at INTEGER,
  spent INTEGER NOT NULL DEFAULT 0,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX approvals_open ON approvals (kind, ref) WHERE state = 'open';

-- Of streams whose sender wants campaigns approved. sketch = hashes of the text's pieces.
CREATE TABLE campaigns (
  id TEXT PRIMARY KEY,
  stream TEXT NOT NULL,
  state TEXT NOT NULL,
  name TEXT NOT NULL,
  sketch TEXT NOT NULL,
  hosts TEXT NOT NULL,
  messages INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  recipients_max INTEGER,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX campaigns_stream ON campaigns (stream, last_seen_at);

-- Messages that are held until their campaign is decided.
CREATE TABLE campaign_messages (
  campaign TEXT NOT NULL,
  message_id TEXT NOT NULL,
  PRIMARY KEY (campaign, message_id)
) STRICT, WITHOUT ROWID;

-- The kill switch: what no mail goes out for, until a person lifts it. name is empty for all.
CREATE TABLE freezes (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
