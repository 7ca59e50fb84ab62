// Every storage interface, on SQLite.
import { openSqliteStore } from "../support/storage-facts.ts";
import { describeAuditLog } from "./audit-log.ts";
import { describeIdentityStores } from "./identity-stores.ts";
import { describeKeyStore } from "./key-store.ts";
import { describeLedger } from "./ledger.ts";
import { describePeopleStores } from "./people-stores.ts";
import { describeQueueStore } from "./queue-store.ts";

describeQueueStore("sqlite", openSqliteStore);
describeLedger("sqlite", openSqliteStore);
describeAuditLog("sqlite", openSqliteStore);
describeIdentityStores("sqlite", openSqliteStore);
describeKeyStore("sqlite", openSqliteStore);
describePeopleStores("sqlite", openSqliteStore);
