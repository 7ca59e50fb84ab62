// Header facts that receiving providers hold against a message, as advice. What makes it malformed is refused earlier.
import { observe, type Judged, type Observation } from "../rule.ts";

export function headerLint({ view }: Judged): readonly Observation[] {
  const { from, subject, to } = view.header;
  const found: Observation[] = [];
  if (from.length > 1)
    found.push(
      observe(
        "warn",
        `From has ${from.length} addresses; Gmail asks for one`,
        `From に ${from.length} 件のアドレスがあります（1 件にしてください）`,
        "header",
      ),
    );
  for (const { displayName, address } of from) {
    const shown = /[^\s<>"]+@[^\s<>"]+\.[a-z]{2,}/i.exec(displayName)?.[0];
    if (shown !== undefined && shown.toLowerCase() !== address.text.toLowerCase())
      found.push(
        observe(
          "warn",
          "the From name shows another mail address than the sender's",
          "差出人の表示名に、送信元と異なるアドレスが含まれています",
          "header",
        ),
      );
  }
  if (subject.trim() === "")
    found.push(observe("warn", "there is no subject", "件名がありません", "header"));
  if (to.length === 0)
    found.push(observe("warn", "there is no address in To", "To にアドレスがありません", "header"));
  return found.length > 0
    ? found
    : [
        observe(
          "pass",
          "From, To and Subject are in order",
          "From・To・Subject に問題はありません",
          "header",
        ),
      ];
}
