// What can be wrong with `delivery.pace`: a bound of nobody's mail bounds nothing, and nobody would see it.
import type { ConfigProblem } from "./config-error.ts";
import { fromDomains } from "./from-domains.ts";
import type { GatewayFile } from "./schema/gateway.ts";

type Pace = GatewayFile["delivery"]["pace"][number];

export function paceProblems(file: GatewayFile): readonly ConfigProblem[] {
  return file.delivery.pace.flatMap((pace, index) => {
    const path = `delivery.pace[${index}]`;
    return [
      ...nameProblems(pace, path, file),
      ...rateProblems(pace, path),
      ...warmUpProblems(pace, path),
    ];
  });
}

function nameProblems(
  { sender, stream, from }: Pace,
  path: string,
  { senders, streams }: GatewayFile,
): readonly ConfigProblem[] {
  if ([sender, stream, from].filter((name) => name !== undefined).length !== 1)
    return [
      {
        path,
        problem: "names not exactly one of sender, stream and from",
        remedy: "Give one of them; write two entries for two bounds.",
      },
    ];
  const check = (
    key: string,
    name: string | undefined,
    problem: string,
    known: readonly string[],
  ): readonly ConfigProblem[] =>
    name === undefined || known.includes(name)
      ? []
      : [
          {
            path: `${path}.${key}`,
            found: JSON.stringify(name),
            problem,
            remedy: `Use one of: ${known.join(", ") || "(none is configured)"}.`,
          },
        ];
  const ids = (items: readonly { readonly id: string }[]): readonly string[] =>
    items.map(({ id }) => id);
  return [
    ...check("sender", sender, "names no sender", ids(senders)),
    ...check("stream", stream, "names no stream", ids(streams)),
    ...check("from", from?.toLowerCase(), "is no From domain of a sender", fromDomains(senders)),
  ];
}

function rateProblems({ rate }: Pace, path: string): readonly ConfigProblem[] {
  return rate.flatMap((each, place) =>
    /^[1-9]\d{0,8}\/[smhd]$/.test(each)
      ? []
      : [
          {
            path: `${path}.rate[${place}]`,
            found: JSON.stringify(each),
            problem: "is no rate",
            remedy: 'Write messages and a time, such as "10/s" or "20000/h".',
          },
        ],
  );
}

/** The schema has seen to the form. */
function warmUpProblems({ warm_up: day }: Pace, path: string): readonly ConfigProblem[] {
  if (day === undefined || isDay(day)) return [];
  return [
    {
      path: `${path}.warm_up`,
      found: JSON.stringify(day),
      problem: "is no day of the calendar",
      remedy: "Write the first day of the warm-up as YYYY-MM-DD.",
    },
  ];
}

function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
