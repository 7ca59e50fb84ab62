// A key store in memory for tests of those that use one: same promises as the real one, nothing sealed.
import type { KeyObject } from "node:crypto";

import type { KeyAct, KeyInfo, KeyStore } from "../../src/dkim/key.ts";
import { measureKey, recordOf } from "../../src/dkim/record.ts";
import type { Domain } from "../../src/mail/domain.ts";

export interface MemoryKeyStore extends KeyStore {
  /** Acts in order, as the real store's audit events would show them. */
  readonly acts: readonly (KeyAct & { readonly change: string })[];
  /** Calls of `list` and `privateKey` so far. */
  readonly reads: { list: number; privateKey: number };
  /** Puts another private half where `selector`'s lay, as someone with access to the files could. */
  readonly swap: (domain: Domain, selector: string, privateKey: KeyObject) => void;
  /** Removes the private half and leaves the listing. */
  readonly lose: (domain: Domain, selector: string) => void;
}

export function createMemoryKeyStore(): MemoryKeyStore {
  const infos = new Map<string, KeyInfo>();
  const halves = new Map<string, KeyObject>();
  const acts: (KeyAct & { change: string })[] = [];
  const reads = { list: 0, privateKey: 0 };
  const name = (domain: Domain, selector: string): string => `${selector}._domainkey.${domain}`;
  const setState: KeyStore["setState"] = (domain, selector, state, act) => {
    const known = infos.get(name(domain, selector));
    if (known === undefined) return Promise.reject(new Error("no such key"));
    const info = { ...known, state, since: act.at };
    infos.set(name(domain, selector), info);
    acts.push({ ...act, change: state });
    return Promise.resolve(info);
  };
  return {
    acts,
    reads,
    swap: (domain, selector, privateKey) => void halves.set(name(domain, selector), privateKey),
    lose: (domain, selector) => void halves.delete(name(domain, selector)),
    list: () => {
      reads.list += 1;
      return Promise.resolve([...infos.values()]);
    },
    privateKey: (domain, selector) => {
      reads.privateKey += 1;
      const half = halves.get(name(domain, selector));
      return half === undefined
        ? Promise.reject(new Error(`the file of key ${selector} of ${domain} is missing`))
        : Promise.resolve(half);
    },
    add: async ({ domain, selector, privateKey }, act) => {
      const info: KeyInfo = {
        domain,
        selector,
        ...measureKey(privateKey),
        state: "pending",
        since: act.at,
        createdAt: act.at,
        record: recordOf(domain, selector, privateKey),
      };
      if (infos.has(name(domain, selector))) throw new Error("a key of this name exists");
      infos.set(name(domain, selector), info);
      halves.set(name(domain, selector), privateKey);
      acts.push({ ...act, change: "create" });
      return Promise.resolve(info);
    },
    setState,
    advance: async (was, state, act) => {
      const known = infos.get(name(was.domain, was.selector));
      return known?.state === was.state && known.since.getTime() === was.since.getTime()
        ? setState(was.domain, was.selector, state, act)
        : undefined;
    },
  };
}
