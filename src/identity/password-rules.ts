// Which passwords are good enough (law.md S35–S38): length first, then how hard they are to guess, and nothing personal.
import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

import { japaneseWords } from "./japanese-words.ts";

export interface PasswordRules {
  /** Characters; NIST SP 800-63B asks for 15 where there is no second factor, 8 where there is. */
  readonly minLength: number;
  /** Of this length on, and of four words or more, only guessing counts, not classes: a passphrase. */
  readonly phraseLength: number;
  /** Least score of zxcvbn, 0–4. */
  readonly minScore: number;
}

export const standardPasswordRules: PasswordRules = {
  minLength: 12,
  phraseLength: 20,
  minScore: 3,
};

export const passwordMaxCharacters = 256; // longer adds nothing, and costs time
const zxcvbnMaxCharacters = 72; // its time grows with the square; a longer password is no weaker than its start
const partMin = 4; // parts of a name or address that are shorter stand in many words

/** What the password must not contain. */
export interface Personal {
  readonly email: string;
  /** More words of the person: name, employee number, birthday, organisation. */
  readonly words: readonly string[];
}

export interface PasswordProblem {
  readonly name:
    "short" | "long" | "personal" | "number" | "guessable" | "breached" | "classes" | "same";
  readonly en: string;
  readonly ja: string;
}

/** Says whether the password is on a list of leaked ones. */
export type BreachCheck = (password: string) => Promise<boolean>;

/** Every problem there is, so that the person mends all at once. Empty: good. */
export async function passwordProblems(
  password: string,
  personal: Personal,
  rules: PasswordRules,
  breached: BreachCheck,
): Promise<readonly PasswordProblem[]> {
  const problems: PasswordProblem[] = [];
  const length = charactersOf(password).length;
  if (length > passwordMaxCharacters)
    return [
      {
        name: "long",
        en: `longer than ${passwordMaxCharacters} characters`,
        ja: `${passwordMaxCharacters} 文字以内にしてください`,
      },
    ];
  if (length < rules.minLength)
    problems.push({
      name: "short",
      en: `shorter than ${rules.minLength} characters; several words in a row are good and easy to remember`,
      ja: `${rules.minLength} 文字以上にしてください。覚えやすい単語を複数つなげる方法もお勧めです`,
    });
  if (!isPhrase(password, rules) && classesOf(password) < 2)
    problems.push({
      name: "classes",
      en: `one kind of character only; mix kinds, or use a phrase of four words and ${rules.phraseLength} characters`,
      ja: `文字種が 1 種類だけです。英大文字・小文字・数字・記号を混ぜるか、4 語以上・${rules.phraseLength} 文字以上の文にしてください`,
    });
  const part = personalPart(password, personal);
  if (part !== undefined)
    problems.push({
      name: "personal",
      en: "contains a part of the user id, the name or the organisation",
      ja: "ユーザー ID・氏名・組織名の一部が含まれています",
    });
  if (isBirthdayOrNumber(password))
    problems.push({
      name: "number",
      en: "is little more than a date (a birthday?) or an employee number",
      ja: "誕生日や社員番号のような数字がほとんどを占めています",
    });
  if (await breached(password))
    problems.push({
      name: "breached",
      en: "is on a list of passwords that leaked somewhere",
      ja: "過去に流出したパスワードの一覧に含まれています",
    });
  if (isFewWords(password) || (await score(password, personal)) < rules.minScore)
    problems.push({
      name: "guessable",
      en: "is easy to guess (common words, rows of keys or repetitions)",
      ja: "推測されやすい文字列です（よくある単語・キー配列・繰り返し）",
    });
  return problems;
}

function isPhrase(password: string, rules: PasswordRules): boolean {
  const words = password.split(/[\s\-_.,・、　]+/u).filter((word) => word.length >= 2);
  return charactersOf(password).length >= rules.phraseLength && new Set(words).size >= 4;
}

/** By code point: a passphrase may be in any script. */
function charactersOf(text: string): readonly string[] {
  return Array.from(text);
}

function classesOf(password: string): number {
  const classes = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /\p{Lo}/u, /[^\p{L}\p{Nd}]/u];
  return classes.filter((pattern) => pattern.test(password)).length;
}

function personalPart(password: string, personal: Personal): string | undefined {
  const folded = fold(password);
  const backwards = charactersOf(folded).toReversed().join("");
  return personalParts(personal).find((part) => folded.includes(part) || backwards.includes(part));
}

function personalParts({ email, words }: Personal): readonly string[] {
  const [local = "", domain = ""] = email.split("@");
  // The last label is shared by all the country; `co`, `ne` and such are too short to count.
  const organisation = domain.split(".").slice(0, -1);
  const parts = [local, ...local.split(/[._+-]/), ...organisation, ...words].map(fold);
  return [...new Set(parts)].filter((part) => part.length >= partMin);
}

/** Lower case, and the usual substitutes taken back: `t4r0` is `taro`. */
function fold(text: string): string {
  const substitutes: Readonly<Record<string, string>> = {
    "0": "o",
    "1": "i",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "@": "a",
    $: "s",
    "!": "i",
  };
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[0134571@$!]/g, (sign) => substitutes[sign] ?? sign)
    .replace(/[\s._-]/g, "");
}

/** A date of 1900–2099 or a number of five digits and more, with at most four other characters around it. */
function isBirthdayOrNumber(password: string): boolean {
  const text = password.normalize("NFKC").replace(/[\s/.年月日-]/gu, "");
  const number = /\d{5,}/.exec(text)?.[0];
  return number !== undefined && text.length - number.length <= 4;
}

const known = new Set(japaneseWords);
const decorationMax = 6; // signs around the words that guessers try by themselves: `!`, `123`, `2026`

/**
 * One or two words that every list of Japanese has, decorated: `Sakura-himitsu1`. The estimate counts each piece as ten
 * thousand guesses at least, and so takes three pieces for strong.
 */
function isFewWords(password: string): boolean {
  const text = password.normalize("NFKC").toLowerCase();
  const words = text.match(/[a-z]{3,}/g) ?? [];
  const decoration = text.replace(/[a-z]{3,}/g, "");
  return (
    words.length > 0 &&
    new Set(words).size <= 2 &&
    words.every((word) => known.has(word)) &&
    charactersOf(decoration).length <= decorationMax
  );
}

let estimator: Promise<ZxcvbnFactory> | undefined;

async function score(password: string, personal: Personal): Promise<number> {
  estimator ??= loadEstimator().catch((cause: unknown) => {
    estimator = undefined; // A failure is not remembered.
    throw cause;
  });
  const own = [personal.email, ...personalParts(personal)];
  return (await estimator).check(password.slice(0, zxcvbnMaxCharacters), own).score;
}

/** When the first password is set: its dictionaries take 30 MB, which a gateway that only sends never needs. */
async function loadEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { dictionary: common, adjacencyGraphs }, { dictionary: japanese }] =
    await Promise.all([
      import("@zxcvbn-ts/core"),
      import("@zxcvbn-ts/language-common"),
      import("@zxcvbn-ts/language-ja"),
    ]);
  return new ZxcvbnFactory({
    dictionary: { ...common, ...japanese, japaneseWords: [...japaneseWords] },
    graphs: adjacencyGraphs,
  });
}
