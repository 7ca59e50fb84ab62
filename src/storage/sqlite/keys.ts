// The verbs of signing keys that change something: the public half and its state; the private half is a file.
import { keyChanged } from "../../audit/from-identity.ts";
import type { KeyAct, KeyInfo, KeyState } from "../../dkim/key.ts";
import type { WriterContext } from "./context.ts";

export interface KeyRow {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: string;
  readonly bits: number;
  readonly state: string;
  /** Milliseconds since 1970. */
  readonly state_since: number;
  readonly created_at: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly public_key: Uint8Array;
}

export interface KeyVerbs {
  readonly addKey: (row: KeyRow, act: KeyAct) => void;
  readonly setKeyState: (
    domain: string,
    selector: string,
    state: KeyState,
    act: KeyAct,
    was?: Pick<KeyInfo, "state" | "since">,
  ) => KeyRow | undefined;
}

export function createKeyVerbs({ db, audit }: WriterContext): KeyVerbs {
  const insert = db.prepare(
    `INSERT INTO dkim_keys (domain, selector, algorithm, bits, state, state_since, created_at, public_key)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = db.prepare<[string, string], KeyRow>(
    "SELECT * FROM dkim_keys WHERE domain = ? AND selector = ?",
  );
  const update = db.prepare<[string, number, string, string]>(
    "UPDATE dkim_keys SET state = ?, state_since = ? WHERE domain = ? AND selector = ?",
  );
  return {
    addKey: (row, act) => {
      if (select.get(row.domain, row.selector) !== undefined)
        throw new RangeError(`a key with selector ${row.selector} exists for ${row.domain}`);
      insert.run(
        row.domain,
        row.selector,
        row.algorithm,
        row.bits,
        row.state,
        row.state_since,
        row.created_at,
        row.public_key,
      );
      audit.append(keyChanged(row, { to: row.state }, act));
    },
    setKeyState: (domain, selector, state, act, was) => {
      const row = select.get(domain, selector);
      const isSame = row?.state === was?.state && row?.state_since === was?.since.getTime();
      if (was !== undefined && !isSame) return undefined;
      if (row === undefined || row.state === state) return row;
      update.run(state, act.at.getTime(), domain, selector);
      audit.append(keyChanged(row, { from: row.state, to: state }, act));
      return { ...row, state, state_since: act.at.getTime() };
    },
  };
}
