// Examples: people, tokens, the own account, sessions.
import { later, made, page, reason, type ExampleTable } from "./example.ts";

const banner = "操作はすべて記録されています。 / Everything done here is recorded.";
const csrfToken = "p3kQv0m3n8m1Z0s5Q2yqXl4fYH1rT7c9dWm6uA5bE8k";
const user = {
  id: "k7m2x9qa4p",
  email: "hanako@example.co.jp",
  roles: ["approver"],
  senders: ["sample"],
  createdAt: made,
  disabledAt: null,
  lastUsedAt: later,
  secondFactor: true,
  mustChangePassword: false,
  singleSignOn: false,
  deputyOf: [{ user: "m4v8h2kq9x", until: later }],
};
const initial = { id: user.id, email: user.email, password: "k3x9m-p7qwz-2hn4v-8tbcd" };
const token = {
  id: "h4n8v2kq7m",
  name: "CRM sync",
  scopes: ["suppressions:write", "consents:read"],
  createdAt: made,
  expiresAt: "2027-11-25T00:00:00.000Z",
  lastUsedAt: later,
  owner: "user:k7m2x9qa4p",
  senders: ["sample"],
};
const done = { done: true };
const recoveryCodes = {
  recoveryCodes: ["k3x9m-p7qwz-2hn4v-8tbcd", "v6rty-n4k2m-x8qpa-7bwzh"],
};

export const peopleExamples: ExampleTable = {
  "GET /v1/session": { answers: { 200: { banner, singleSignOn: "/v1/session/oidc" } } },
  "POST /v1/session": {
    body: { email: user.email, password: "wooden lantern cloud seventeen", code: "492039" },
    answers: {
      200: {
        user: user.id,
        csrfToken,
        due: null,
        banner,
        elsewhere: [{ from: "203.0.113.7", since: made }],
      },
    },
  },
  "DELETE /v1/session": { answers: { 200: done } },
  "GET /v1/me": {
    answers: {
      200: {
        actor: `user:${user.id}`,
        email: user.email,
        roles: user.roles,
        scopes: ["approvals:write", "held:write", "messages:read"],
        senders: user.senders,
        masked: false,
        secondFactor: true,
        recoveryCodesLeft: 9,
        due: null,
        csrfToken,
        banner,
      },
    },
  },
  "POST /v1/me/proof": {
    body: { password: "wooden lantern cloud seventeen", code: "492039" },
    answers: { 200: done },
  },
  "POST /v1/me/password": {
    body: { current: initial.password, password: "wooden lantern cloud seventeen" },
    answers: { 200: { done: true, csrfToken } },
  },
  "POST /v1/me/totp": {
    answers: {
      200: {
        secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        uri: "otpauth://totp/Sekisho:hanako%40example.co.jp?issuer=Sekisho&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
      },
    },
  },
  "DELETE /v1/me/totp": { answers: { 200: done } },
  "POST /v1/me/totp/confirm": { body: { code: "492039" }, answers: { 200: recoveryCodes } },
  "POST /v1/me/recovery-codes": { answers: { 200: recoveryCodes } },
  "GET /v1/me/sessions": {
    answers: {
      200: page(
        { from: "192.0.2.10", since: made, lastSeenAt: later, current: true },
        { from: "203.0.113.7", since: made, lastSeenAt: made, current: false },
      ),
    },
  },
  "DELETE /v1/me/sessions": { answers: { 200: { ended: 1 } } },
  "GET /v1/users": { answers: { 200: page(user) } },
  "POST /v1/users": {
    body: { email: user.email, roles: user.roles, senders: user.senders },
    answers: { 201: initial },
  },
  "GET /v1/users/review": {
    answers: {
      200: page({
        kind: "token",
        id: token.id,
        name: token.name,
        rights: token.scopes,
        senders: token.senders,
        createdAt: made,
        lastUsedAt: null,
        remarks: ["never used in 120 days"],
      }),
    },
  },
  "GET /v1/users/{id}": { answers: { 200: user } },
  "POST /v1/users/{id}/disable": { body: reason, answers: { 200: { ...user, disabledAt: later } } },
  "POST /v1/users/{id}/enable": { body: reason, answers: { 200: user } },
  "POST /v1/users/{id}/reset": { body: reason, answers: { 200: initial } },
  "POST /v1/users/{id}/roles": {
    body: { roles: ["approver", "postmaster"], senders: ["sample"] },
    answers: { 200: { ...user, roles: ["approver", "postmaster"] } },
  },
  "POST /v1/users/{id}/deputy": {
    body: { for: "m4v8h2kq9x", until: "2026-12-24T00:00:00.000Z", reason: "holidays" },
    answers: { 200: user },
  },
  "DELETE /v1/users/{id}/deputy": { answers: { 200: { ...user, deputyOf: [] } } },
  "GET /v1/tokens": { answers: { 200: page(token) } },
  "POST /v1/tokens": {
    body: { name: token.name, scopes: token.scopes, expiresAt: token.expiresAt },
    answers: {
      201: {
        id: token.id,
        token: "sk_h4n8v2kq7m_Zm9yLWV4YW1wbGUtb25seQ",
        name: token.name,
        scopes: token.scopes,
      },
    },
  },
  "GET /v1/tokens/{id}": { answers: { 200: token } },
  "POST /v1/tokens/{id}/revoke": {
    body: reason,
    answers: { 200: { ...token, revokedAt: later, ended: [] } },
  },
};
