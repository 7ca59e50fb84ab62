// What the schema cannot see of single values, and of values that must fit to each other.
import { isIP } from "node:net";

import { parseAddress } from "../mail/address.ts";
import type { ConfigProblem } from "./config-error.ts";
import { fromDomains } from "./from-domains.ts";
import { legalProblems } from "./legal-problems.ts";
import { portProblems } from "./port-problems.ts";
import { ruleNames } from "./rule-names.ts";
import type { GatewayFile } from "./schema/gateway.ts";

export function crossProblems(file: GatewayFile): readonly ConfigProblem[] {
  return [
    ...hostnameProblems(file),
    ...portProblems(file),
    ...rangeProblems(file),
    ...sizeProblems(file),
    ...ruleProblems(file),
    ...reportProblems(file),
    ...legalProblems(file),
  ];
}

/** EHLO takes a domain of A-labels or an address literal (RFC 5321 §4.1.1.1, RFC 6531 §3.7.1); hosts' own names have _ too. */
function hostnameProblems({ hostname }: GatewayFile): readonly ConfigProblem[] {
  if (/^(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,253})|\[[A-Za-z0-9:.]+\])$/.test(hostname)) return [];
  return [
    {
      path: "hostname",
      found: JSON.stringify(hostname),
      problem: "is no host name",
      remedy: "Write letters, digits, - and dots, such as gw.example.jp; other letters as xn--….",
    },
  ];
}

function rangeProblems(file: GatewayFile): readonly ConfigProblem[] {
  const check = (ranges: readonly string[], path: string): readonly ConfigProblem[] =>
    ranges.flatMap((range, index) =>
      isRange(range)
        ? []
        : [
            {
              path: `${path}[${index}]`,
              found: JSON.stringify(range),
              problem: "is no address range",
              remedy: "Use an IP address or CIDR such as 192.0.2.0/24.",
            },
          ],
    );
  return [
    ...check(file.delivery.allow_private, "delivery.allow_private"),
    ...check(file.pages.allow_private, "pages.allow_private"),
    ...check(file.http.trusted_proxies, "http.trusted_proxies"),
    ...file.smtp.listeners.flatMap(({ allow }, index) =>
      check(allow, `smtp.listeners[${index}].allow`),
    ),
  ];
}

function isRange(text: string): boolean {
  const [address, bits, ...rest] = text.split("/");
  const version = isIP(address ?? "");
  if (version === 0 || rest.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  );
}

/** A message between the two would be deferred each time it is tried, and never told that it is too large. */
function sizeProblems({ smtp }: GatewayFile): readonly ConfigProblem[] {
  if (smtp.max_message_bytes <= smtp.max_bytes_in_flight) return [];
  return [
    {
      path: "smtp.max_message_bytes",
      found: String(smtp.max_message_bytes),
      problem: `is more than smtp.max_bytes_in_flight (${smtp.max_bytes_in_flight}): the largest messages would never fit`,
      remedy: "Lower it, or raise smtp.max_bytes_in_flight to a few times as much.",
    },
  ];
}

function ruleProblems({ streams }: GatewayFile): readonly ConfigProblem[] {
  return streams.flatMap((stream, index) =>
    (["observe", "disable"] as const).flatMap((key) =>
      stream[key].flatMap((name, place) =>
        ruleNames.includes(name)
          ? []
          : [
              {
                path: `streams[${index}].${key}[${place}]`,
                found: JSON.stringify(name),
                problem: "names no rule",
                remedy: `Use one of: ${ruleNames.join(", ")}.`,
              },
            ],
      ),
    ),
  );
}

/** Nobody would sign reports from elsewhere, so none would be sent. */
function reportProblems({ delivery, senders }: GatewayFile): readonly ConfigProblem[] {
  const { report_from: from } = delivery.tls;
  const parsed = from === undefined ? undefined : parseAddress(from);
  if (parsed === undefined) return [];
  const domains = fromDomains(senders);
  const isOurs = parsed.kind === "ok" && domains.includes(parsed.value.domain);
  return isOurs
    ? []
    : [
        {
          path: "delivery.tls.report_from",
          found: JSON.stringify(from),
          problem: parsed.kind === "bad" ? parsed.problem : "is at no From domain of a sender",
          remedy: `Write an address at one of: ${domains.join(", ") || "(none is configured)"}.`,
        },
      ];
}
