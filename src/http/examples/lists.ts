// Examples: suppressions and consents.
import { later, made, page, type ExampleTable } from "./example.ts";

const email = "taro@example.net";
const suppression = {
  email,
  kind: "manual",
  scope: "sender:sample",
  origin: "user:k7m2x9qa4p",
  reason: "asked by phone",
  createdAt: made,
  active: true,
};
const ofDomain = {
  domain: "example.org",
  kind: "manual",
  scope: "all",
  origin: "cli:root",
  createdAt: made,
  expiresAt: "2027-01-01T00:00:00.000Z",
  active: true,
};
const granted = {
  id: "812345",
  email,
  kind: "granted",
  sender: "sample",
  topic: "news",
  basis: "consent",
  byPerson: true,
  at: made,
  recordedAt: made,
  actor: "token:h4n8v2kq7m",
  evidence: { method: "web-form", source: "https://www.example.jp/signup" },
};
const grant = {
  email,
  sender: "sample",
  topic: "news",
  basis: "consent",
  grantedAt: made,
  byPerson: true,
  method: "web-form",
  source: "https://www.example.jp/signup",
  wording: "キャンペーン情報のメールを受け取ります。",
  policyVersion: "2026-04",
};

export const listExamples: ExampleTable = {
  "GET /v1/suppressions": { answers: { 200: page(suppression, ofDomain) } },
  "POST /v1/suppressions": {
    body: { email, kind: "manual", scope: "sender:sample", reason: "asked by phone" },
    answers: { 201: suppression },
  },
  "GET /v1/suppressions/{address}": { answers: { 200: page(suppression) } },
  "DELETE /v1/suppressions/{address}": {
    answers: {
      200: { removed: [suppression] },
      202: { approval: "0b1d6c3e-6f0a-4a53-9d0e-1c7b0f6f4a55", state: "open", expiresAt: later },
    },
  },
  "GET /v1/consents": { answers: { 200: page(granted) } },
  "POST /v1/consents": {
    body: {
      "application/json": grant,
      "application/x-ndjson": `${JSON.stringify(grant)}\n`,
    },
    answers: { 201: { recorded: 1, known: 0 } },
  },
  "GET /v1/consents/{email}": {
    answers: {
      200: {
        email,
        standings: [
          { sender: "sample", topic: "news", standing: "granted", basis: "consent", since: made },
        ],
        events: [granted],
      },
    },
  },
  "POST /v1/consents/withdrawals": {
    body: { email, sender: "sample", topic: null, method: "phone" },
    answers: { 201: { recorded: 1, known: 0 } },
  },
  "POST /v1/consents/requests": {
    body: {
      email,
      sender: "sample",
      topic: "news",
      wording: "キャンペーン情報のメールを受け取ります。",
      policyVersion: "2026-04",
      source: "https://www.example.jp/signup",
      ip: "198.51.100.4",
    },
    answers: { 202: { messageId: "01kawx5v9c4m8n2p6q7r", state: "accepted" } },
  },
};
