-- Requests for consent join the audit chain: sequence = the audit event that made the row, which holds the row's digest.
-- Rows from before have no such event: they are numbered below zero, and the walk over the chain begins above.
ALTER TABLE consent_requests ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
UPDATE consent_requests SET sequence = -(
  SELECT count(*) FROM consent_requests o
  WHERE (o.subject, o.sender) <= (consent_requests.subject, consent_requests.sender));
CREATE UNIQUE INDEX consent_requests_sequence ON consent_requests (sequence);
