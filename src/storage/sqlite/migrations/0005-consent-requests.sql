-- Requests for consent join the audit chain: sequence = the audit event that made the row, which holds the row's digest.
-- Every row has one; 0 stands in none that this program wrote.
ALTER TABLE consent_requests ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX consent_requests_sequence ON consent_requests (sequence);
