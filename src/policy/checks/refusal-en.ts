// Understands English sentences that say mail can be stopped.
import type { Rebuff, Refusal, RefusalGrammar, Refusals } from "../refusal.ts";
import { sentenceOf } from "./refusal-sentence.ts";

// Folded text has no spaces.
const positive =
  /unsubscrib(?:e|ing)(?!d|rs?\b)|opt(?:ing)?-?out|stopreceiving|stop(?:these|this|our|all)?(?:marketing|promotional)?(?:e?-?mails?|messages|newsletters?)|nolonger(?:wish|want|like)(?:to)?(?:receive|get|hear)|(?:donot|don't|don’t|notto|ratherthatwenot|prefernotto)(?:wish|want|like)?(?:to)?receive|cancel(?:your|my|the|this)?(?:e?-?mail|newsletter)?subscription|removeme|removeyour(?:self|e?-?mail|address)|takemeoff|turnoffthese(?:e?-?mails)?/g;
const refused =
  /(?:cannot|can't|can’t|couldnot|unableto|notpossibleto|impossibleto|don't|don’t|donot|neednot|noneedto|never)$/;
/** Directly behind the words of stopping. */
const denied =
  /^(?:requests?|option)?(?:(?:is|are)?(?:currently)?(?:not|n't|n’t)(?:currently|yet)?(?:possible|available|supported|offered|accepted|allowed|permitted|provided)|(?:is|are)(?:currently)?(?:unavailable|impossible)|(?:is|are)nolonger(?:possible|available|supported|offered|accepted|processed)|(?:link|page)?(?:has|have)(?:been)?(?:expired|ended|closed|discontinued|disabled)|(?:cannot|can't|can’t)be)/;
const deniedMax = 40; // characters of it
/** "If unsubscribing is not possible, write to ...": a way is told. */
const conditional = /(?:if|when|incase)(?:the)?$/;
const past = /^(?:d|rs?(?![a-z])|rate|successful|confirmed|complete)/;
const login = /log-?in|sign-?in|myaccount|youraccount|password/;
const reply = /repl(?:y|ying)(?:to)?(?:this)?|respondto/;
const phoneOnly =
  /(?:only(?:by|via|over)(?:the)?(?:phone|telephone|mail|post|fax)|(?:by|via)(?:phone|telephone|post|fax)only)/;
const foundMax = 200; // statements of one text; a message of more says nothing new

export const refusalsInEnglish: RefusalGrammar = (speech): Refusals => {
  const refusals: Refusal[] = [];
  const rebuffs: Rebuff[] = [];
  for (const match of speech.words.matchAll(positive)) {
    if (refusals.length >= foundMax) break;
    const start = match.index;
    const end = start + match[0].length;
    const before = speech.words.slice(Math.max(0, start - 24), start);
    const behind = speech.words.slice(end, end + deniedMax);
    const isDenied = denied.test(behind) && !conditional.test(before);
    if (refused.test(before) || past.test(behind) || isDenied) {
      rebuffs.push({ start, end, isDenial: true });
      continue;
    }
    const { from, to } = sentenceOf(speech, start, end);
    const text = speech.words.slice(from, to);
    refusals.push({
      start,
      end,
      from,
      to,
      strength: "strong",
      language: "en",
      points: /below|following/.test(text) ? "after" : /above/.test(text) ? "before" : "either",
      byReply: reply.test(text),
      onlyElsewhere: phoneOnly.test(text),
      needsLogin: login.test(text),
      needsData: false,
      needsFee: false,
    });
  }
  return { refusals, rebuffs };
};
