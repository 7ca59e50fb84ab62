// The parts that corpus mails are put together from: slots for the duties, templates that place them, and senders.
import type { Sender } from "../../src/policy/stream.ts";
import { makeSender } from "../support/smtp-gateway.ts";
import type { Encoding } from "./assemble.ts";

/** What one alternative writes for each duty. `optOut` holds the notice and the target. */
export interface Slots {
  readonly name: string;
  readonly address: string;
  readonly contact: string;
  readonly optOut: string;
}

export type Duty = keyof Slots;

export const duties: readonly Duty[] = ["name", "address", "contact", "optOut"];

/** A compliant mail in the manner of one tool. */
export interface Template {
  readonly id: string;
  readonly subject: string;
  readonly sender?: Sender;
  readonly encoding?: Encoding;
  readonly headers?: readonly string[];
  readonly text?: { readonly slots: Slots; readonly write: (slots: Slots) => string };
  readonly html?: { readonly slots: Slots; readonly write: (slots: Slots) => string };
}

/** The opt-out link that every template uses. */
export const optOutUrl = "https://u.example.jp/s/7f3a91";

export const sample = makeSender({
  id: "sample",
  legal: {
    names: ["株式会社サンプル商事"],
    addresses: ["〒999-9999 東京都架空区見本町1-2-3"],
    contacts: ["03-0000-0000", "support@example.jp", "https://www.example.jp/contact"],
    optOutHosts: ["u.example.jp"],
  },
});

/** A sole trader in Osaka. */
export const soleTrader = makeSender({
  id: "mihon",
  legal: {
    names: ["見本 太郎"],
    addresses: ["〒530-0099 大阪府大阪市北区架空二丁目10番5号 見本マンション203号室"],
    contacts: ["090-0000-0000", "info@example.jp"],
    optOutHosts: ["u.example.jp"],
  },
});

/** A company whose name has a middle dot and whose address is of the Kyoto kind. */
export const kyoto = makeSender({
  id: "kyoto",
  legal: {
    names: ["合同会社ミホン・ラボ"],
    addresses: ["〒600-9999 京都府京都市見本区架空通烏丸東入見本町123番地 ラボビル4階"],
    contacts: ["075-000-0000", "hello@example.jp", "https://www.example.jp/inquiry"],
    optOutHosts: ["u.example.jp"],
  },
});
