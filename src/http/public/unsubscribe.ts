// /u/{token}: the opt-out page, and the one-click POST of mail providers (RFC 8058). Only a POST ever opts out.
import Type from "typebox";

import type { OptOutDesk, OptOutWish } from "../../feedback/opt-out-desk.ts";
import type { App } from "../app.ts";
import { textAnswer } from "../fields.ts";
import { takeAnyBody, type AnyBody } from "./any-body.ts";
import { escapeHtml, preferredLanguage, sendPage, type Language } from "./page.ts";

const pauseMaxDays = 366;
const dayMs = 86_400_000;

const params = Type.Object({ token: Type.String({ maxLength: 800 }) });

/**
 * GET and HEAD show the page and change nothing: scanners open every link (RFC 8058 §3.2). POST needs no cookie, session,
 * origin or page, is never redirected, and is answered alike for a good, a used and an unknown token.
 */
export function unsubscribeRoutes(app: App, desk: OptOutDesk, clock: () => Date): void {
  void app.register((scoped: App, _options, done) => {
    // Providers send multipart/form-data or a form; whatever else arrives here is a wish to stop too.
    takeAnyBody(scoped);
    scoped.get(
      "/u/:token",
      {
        schema: {
          summary: "Opt-out page (HTML, Japanese and English); opts nobody out by itself",
          tags: ["public"],
          params,
          response: { 200: textAnswer("The page.", "text/html") },
        },
      },
      (request, reply) => {
        const first = preferredLanguage(request.headers["accept-language"]);
        const now = clock();
        const sections = inOrder(first).map((language) => form(language, now));
        return sendPage(reply.header("cache-control", "no-store"), 200, {
          language: first,
          title: words[first].title,
          body: sections.join("<hr>"),
        });
      },
    );
    scoped.post(
      "/u/:token",
      {
        schema: {
          summary: "Opts out: one-click of RFC 8058, or the form of the page",
          tags: ["public"],
          params,
          response: { 200: textAnswer("The page.", "text/html") },
        },
      },
      async (request, reply) => {
        const body = request.body as AnyBody | undefined; // As takeAnyBody reads it.
        if (body?.isWhole === false) void reply.header("connection", "close");
        const read = readWish(body?.text ?? "", clock());
        await desk.act(request.params.token, read.wish, read.method);
        const first = preferredLanguage(request.headers["accept-language"]);
        const sections = inOrder(first).map((language) => answer(language, read));
        return sendPage(reply.header("cache-control", "no-store"), 200, {
          language: first,
          title: words[first].done,
          body: sections.join("<hr>"),
        });
      },
    );
    done();
  });
}

const dayText = {
  ja: new Intl.DateTimeFormat("ja-JP", { dateStyle: "long", timeZone: "Asia/Tokyo" }),
  en: new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "Asia/Tokyo" }),
};

const words = {
  ja: {
    title: "メール配信の停止",
    intro: "このメールの配信について選び、「送信する」を押してください。ログインは要りません。",
    topic: "この種類のメールを停止する",
    all: "この送信者からの広告・案内メールをすべて停止する",
    pause: "次の日まで休止する(その日から再開)",
    date: "再開する日",
    submit: "送信する",
    note: "このページを開いただけでは停止されません。契約やご注文の連絡など、広告でないメールは届くことがあります。",
    done: "受け付けました",
    doneTopic: "この種類のメールを停止しました。",
    doneAll: "この送信者からの広告・案内メールをすべて停止しました。",
    donePause: (day: Date) =>
      `この種類のメールを休止しました。${dayText.ja.format(day)}から再開します。`,
    noDate: "休止できる日付が選ばれていなかったため、この種類のメールを停止しました。",
    doneText: "すぐに反映されます。送信中のメールが入れ違いに届くことがあります。",
  },
  en: {
    title: "Stop receiving mail",
    intro: "Choose what to do about this mail and press “Send”. No login is needed.",
    topic: "Stop this kind of mail",
    all: "Stop all advertising mail of this sender",
    pause: "Pause until a date (mail starts again on that day)",
    date: "Date to start again",
    submit: "Send",
    note: "Opening this page stops nothing by itself. Mail that is no advertising, such as on your orders, may still come.",
    done: "Done",
    doneTopic: "This kind of mail is stopped.",
    doneAll: "All advertising mail of this sender is stopped.",
    donePause: (day: Date) =>
      `This kind of mail is paused, and starts again on ${dayText.en.format(day)}.`,
    noDate: "No date was given that mail can be paused until, so this kind of mail is stopped.",
    doneText: "This holds from now on. Mail already on its way may still arrive.",
  },
} as const;

function inOrder(first: Language): readonly Language[] {
  return first === "ja" ? ["ja", "en"] : ["en", "ja"];
}

/** The form posts to its own address. Labels wrap their fields; nothing needs scripts or colour to be understood. */
function form(language: Language, now: Date): string {
  const text = words[language];
  const first = tokyoDate(new Date(now.getTime() + dayMs)); // Mail starts again on that day: today would be no pause.
  const last = tokyoDate(new Date(now.getTime() + pauseMaxDays * dayMs));
  const choice = (value: string, label: string, checked: boolean): string =>
    `<p><label><input type="radio" name="choice" value="${value}"${checked ? " checked" : ""}> ${escapeHtml(label)}</label></p>`;
  return [
    `<section lang="${language}"><h1>${escapeHtml(text.title)}</h1>`,
    `<form method="post"><fieldset><legend>${escapeHtml(text.intro)}</legend>`,
    choice("topic", text.topic, true),
    choice("all", text.all, false),
    choice("pause", text.pause, false),
    `<p><label>${escapeHtml(text.date)} <input type="date" name="until" min="${first}" max="${last}"></label></p>`,
    `</fieldset><p><button type="submit">${escapeHtml(text.submit)}</button></p></form>`,
    `<p>${escapeHtml(text.note)}</p></section>`,
  ].join("\n");
}

/** Told from the form alone: whether the link was one of ours is nobody's to learn. */
function answer(language: Language, { wish, isDateMissing }: Wish): string {
  const text = words[language];
  const recorded = isDateMissing
    ? text.noDate
    : wish === "all"
      ? text.doneAll
      : wish === "topic"
        ? text.doneTopic
        : text.donePause(wish.pausedUntil);
  return `<section lang="${language}"><h1>${text.done}</h1><p>${recorded}</p><p>${text.doneText}</p></section>`;
}

interface Wish {
  readonly wish: OptOutWish;
  readonly method: "one-click" | "page";
  /** A pause was chosen without a day to come. */
  readonly isDateMissing: boolean;
}

/** Whatever cannot be read as the page's form stops the topic: a wish that reached us is never lost to a parse error. */
function readWish(body: string, now: Date): Wish {
  const text = body.trim(); // Some clients end a form with a line break.
  const fields = new URLSearchParams(text.includes("\n") ? "" : text);
  const ofPage = { method: "page", isDateMissing: false } as const;
  switch (fields.get("choice") ?? "") {
    case "all":
      return { ...ofPage, wish: "all" };
    case "pause": {
      const pausedUntil = readDate(fields.get("until") ?? "", now);
      return pausedUntil === undefined
        ? { ...ofPage, wish: "topic", isDateMissing: true }
        : { ...ofPage, wish: { pausedUntil } };
    }
    case "topic":
      return { ...ofPage, wish: "topic" };
    default:
      return { wish: "topic", method: "one-click", isDateMissing: false };
  }
}

/** The start of that day in Japan; undefined where it is no date, not to come, or more than a year away. */
function readDate(text: string, now: Date): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const date = new Date(`${text}T00:00:00+09:00`);
  if (Number.isNaN(date.getTime()) || tokyoDate(date) !== text) return undefined;
  const days = (date.getTime() - now.getTime()) / dayMs;
  return days > 0 && days <= pauseMaxDays ? date : undefined;
}

function tokyoDate(at: Date): string {
  return new Date(at.getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
}
