// Whether the message can be read with certainty.
import { observe, type Judged, type Observation } from "../rule.ts";

export function readable({ view, facts }: Judged): readonly Observation[] {
  const unclear = view.ambiguities.map(({ part, problem }) =>
    observe("fail", problem, `表示が一意に定まりません：${problem}`, part),
  );
  if (unclear.length > 0) return unclear;
  if (view.alternatives.length === 0 && facts.stream.class !== "transactional")
    return [
      observe(
        "fail",
        "the message has no text that a reader could see",
        "受信者に表示される本文がありません",
        "message",
      ),
    ];
  return [
    observe(
      "pass",
      "every client shows the same text",
      "どのメールソフトでも同じ内容が表示されます",
      "message",
    ),
  ];
}
