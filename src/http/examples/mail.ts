// Examples: what became of mail, what waits, what is asked, what is exported.
import { later, made, page, reason, type ExampleTable } from "./example.ts";

const messageId = "01kawx5v9c4m8n2p6q7r";
const event = {
  type: "Delivery",
  at: made,
  messageId,
  stream: "newsletter",
  sender: "sample",
  recipient: "taro@example.net",
  reason: null,
  reply: "250 2.0.0 Ok: queued",
  recipientId: `${messageId}-1`,
  actor: "gateway",
  detail: { host: "mx.example.net", tls: "TLSv1.3" },
  sequence: 812_345,
  chain: "main",
};
const finding = {
  rule: "jp/opt-out-address",
  part: "text/html",
  outcome: "fail",
  evidence: "no link or address to opt out by",
  law: "特定電子メール法 第4条第2号",
  remedy: "Add a link to your opt-out page near the end of the message.",
};
const held = {
  id: messageId,
  messageId,
  stream: "newsletter",
  sender: "sample",
  reason: "campaign-unapproved",
  detail: "a template that was not seen before",
  recipients: 1,
  heldAt: made,
  findings: [finding],
};
const entry = {
  id: `${messageId}-1`,
  messageId,
  recipient: "taro@example.net",
  destination: "example.net",
  stream: "newsletter",
  sender: "sample",
  state: "waiting",
  attempts: 1,
  nextAttemptAt: later,
  lastReply: "451 4.7.1 Try again later",
  receivedAt: made,
};
const approval = {
  id: "0b1d6c3e-6f0a-4a53-9d0e-1c7b0f6f4a55",
  kind: "campaign",
  state: "open",
  sender: "sample",
  askedBy: "credential:newsletter-k7m2x9qa",
  askedAt: made,
  expiresAt: later,
  reason: null,
  decidedBy: null,
  decidedAt: null,
  recipients: 1200,
  act: {
    kind: "campaign",
    campaign: "9f2c",
    stream: "newsletter",
    name: "winter-sale",
    sampleMessageId: messageId,
    subject: "冬のセールのお知らせ",
    text: "いつもご利用ありがとうございます。…",
    hosts: ["www.example.jp"],
    because: ["a template that was not seen before"],
    findings: [],
  },
};
const decided = { id: approval.id, state: "approved", released: 3 };
const asked = { approval: approval.id, state: "open", expiresAt: later };
const changed = (change: string): object => ({ id: entry.id, change });

export const mailExamples: ExampleTable = {
  "GET /v1/messages": { answers: { 200: { items: [event], next: "ODEyMzQ1" } } },
  "GET /v1/messages/{messageId}": { answers: { 200: { messageId, events: [event] } } },
  "GET /v1/audit": { answers: { 200: { items: [event], next: "ODEyMzQ1" } } },
  "GET /v1/audit/verify": {
    answers: {
      200: {
        kind: "intact",
        events: 812_345,
        heads: [
          {
            chain: "main",
            sequence: 812_345,
            hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
          },
        ],
      },
    },
  },
  "GET /v1/audit/rules": {
    answers: {
      200: page({
        rule: "jp/opt-out",
        refused: 12,
        held: 4,
        released: 1,
        rejected: 3,
        observed: 0,
      }),
    },
  },
  "GET /v1/held": { answers: { 200: page(held) } },
  "GET /v1/held/{id}": { answers: { 200: { ...held, bytes: 18_432 } } },
  "GET /v1/held/{id}/message": {
    answers: { 200: "From: news@example.jp\r\nTo: taro@example.net\r\nSubject: sale\r\n\r\n…\r\n" },
  },
  "POST /v1/held/{id}/release": {
    body: reason,
    answers: { 200: { id: messageId, verdict: "release" }, 202: asked },
  },
  "POST /v1/held/{id}/reject": {
    body: reason,
    answers: { 200: { id: messageId, verdict: "reject" }, 202: asked },
  },
  "GET /v1/queue": { answers: { 200: page(entry) } },
  "GET /v1/queue/{id}": { answers: { 200: entry } },
  "POST /v1/queue/{id}/retry": { body: reason, answers: { 200: changed("retry") } },
  "POST /v1/queue/{id}/hold": { body: reason, answers: { 200: changed("hold") } },
  "POST /v1/queue/{id}/release": { body: reason, answers: { 200: changed("release") } },
  "POST /v1/queue/{id}/drop": { body: reason, answers: { 200: changed("drop") } },
  "GET /v1/approvals": { answers: { 200: page(approval) } },
  "GET /v1/approvals/{id}": { answers: { 200: approval } },
  "POST /v1/approvals/{id}/approve": {
    body: { reason: "text and links are in order" },
    answers: { 200: decided },
  },
  "POST /v1/approvals/{id}/reject": {
    body: { reason: "the price in the subject is wrong" },
    answers: { 200: { ...decided, state: "rejected", released: 0 } },
  },
  "POST /v1/explain": {
    body: {
      "message/rfc822":
        "From: news@example.jp\r\nTo: taro@example.net\r\nSubject: sale\r\n\r\nhello\r\n",
    },
    answers: {
      200: {
        decision: "refuse",
        reason: "opt-out-missing",
        reply: {
          code: 550,
          enhanced: "5.7.1",
          text: "opt-out-missing: no usable opt-out link or mailbox is visible",
        },
        findings: [finding],
      },
    },
  },
  "GET /v1/exports/audit": {
    answers: {
      200: {
        "application/x-ndjson": `${JSON.stringify(event)}\n`,
        "text/plain":
          "CEF:0|Sekisho|Sekisho|1|Login|Login refused|4|rt=1795683600000 externalId=main-7 src=192.0.2.1 act=refused\n",
      },
      202: asked,
    },
  },
  "GET /v1/exports/received": {
    answers: {
      200: `{"at":"${made}","messageId":"${messageId}","recipient":"taro@example.net"}\n{"summary":{"deliveries":1,"messages":1,"people":1}}\n`,
      202: asked,
    },
  },
  "GET /v1/exports/opt-outs": {
    answers: {
      200: {
        "text/csv": `email,sender,topic,at,how\r\ntaro@example.net,sample,news,${made},one-click\r\n`,
        "application/x-ndjson": `{"email":"taro@example.net","sender":"sample","topic":"news","at":"${made}","how":"one-click"}\n`,
      },
      202: asked,
    },
  },
};
