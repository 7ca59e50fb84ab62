-- What has had its time is found by walking the tables, a step each second: each message entered and left these two.
DROP INDEX messages_settled;
DROP INDEX fingerprints_at;
