// The List-Unsubscribe fields that leave with one recipient's copy (RFC 2369 §3.2, RFC 8058 §3.1), as the stream has them.

export interface ListUnsubscribeFacts {
  /** keep: the client's own, ours never · add: ours where the client has none · replace: ours in any case. */
  readonly policy: "keep" | "add" | "replace";
  /** `https://…/u/<token>`; absent where the gateway has no https address: one-click needs it. */
  readonly url?: string;
  /** `unsubscribe+<token>@gateway`; absent where no feedback listener takes it. */
  readonly mailbox?: string;
}

/** As delivery/compose takes them; both fields must be covered by the signature (RFC 8058 §4). */
export interface ListUnsubscribeLines {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Lower-case name of a client's field beside which none of this is done. */
  readonly unless?: string;
}

const nothing: ListUnsubscribeLines = { add: [], remove: [] };

/** Pure. Without a URL or mailbox of ours the client's fields stay: a stream must not lose its only way out. */
export function listUnsubscribeLines(facts: ListUnsubscribeFacts): ListUnsubscribeLines {
  const oneClick = facts.url?.startsWith("https://") === true;
  const targets = [
    ...(facts.url === undefined ? [] : [`<${facts.url}>`]),
    ...(facts.mailbox === undefined ? [] : [`<mailto:${facts.mailbox}?subject=unsubscribe>`]),
  ];
  if (
    targets.length === 0 ||
    targets.some((target) => !/^<[\x21-\x3b\x3d\x3f-\x7e]+>$/.test(target))
  )
    return nothing;
  switch (facts.policy) {
    case "keep":
      return nothing;
    case "add":
      return { ...lines(targets, oneClick), unless: "list-unsubscribe" };
    case "replace":
      return lines(targets, oneClick);
  }
}

/** A Post field without our URI beside it would promise one-click for somebody else's. */
function lines(targets: readonly string[], oneClick: boolean): ListUnsubscribeLines {
  return {
    add: [
      `List-Unsubscribe: ${targets.join(",\r\n ")}\r\n`,
      ...(oneClick ? ["List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"] : []),
    ],
    remove: ["list-unsubscribe", "list-unsubscribe-post"],
  };
}
