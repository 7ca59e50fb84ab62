// POST /v1/keys/import: takes a private key over from another system. It is sealed at once and never shown again.
import { createPrivateKey, type KeyObject } from "node:crypto";

import Type from "typebox";

import { measureKey } from "../../dkim/record.ts";
import { isSelector } from "../../dkim/selector.ts";
import { parseDomain } from "../../mail/domain.ts";
import { bad, ok, type Parsed } from "../../mail/parsed.ts";
import type { App } from "../app.ts";
import { needs } from "../authorise.ts";
import { actOf, closed } from "../fields.ts";
import type { HttpParts } from "../parts.ts";
import { refuse, refuseField } from "../problem.ts";
import { domainText, keySchema, keysPerDomainMax, tooMany, viewKey } from "./key-view.ts";

const pemMaxCharacters = 8192; // RSA of 4096 bits takes 3300

export function keyImportRoute(app: App, parts: HttpParts): void {
  app.post(
    "/keys/import",
    {
      config: needs("keys", "write", { stepUp: true }),
      schema: {
        summary: "Take a private key over from another system; it starts as pending",
        body: Type.Object(
          {
            domain: domainText,
            selector: Type.String({ minLength: 1, maxLength: 63 }),
            privateKey: Type.String({
              minLength: 1,
              maxLength: pemMaxCharacters,
              description: "PEM without a passphrase; RSA of 2048 bits or more, or Ed25519.",
            }),
          },
          closed,
        ),
        response: { 201: keySchema },
      },
    },
    async (request, reply) => {
      const { selector } = request.body;
      const domain = parseDomain(request.body.domain);
      if (domain.kind === "bad") return refuseField(request, reply, "domain", domain.problem);
      if (!parts.senders.some((sender) => sender.domains.includes(domain.value)))
        return refuseField(request, reply, "domain", "is a domain of no sender");
      if (!isSelector(selector))
        return refuseField(request, reply, "selector", "is not one DNS label in lower case");
      const privateKey = readPem(request.body.privateKey);
      if (privateKey.kind === "bad")
        return refuseField(request, reply, "privateKey", privateKey.problem);
      const own = (await parts.keys.list()).filter((key) => key.domain === domain.value);
      if (own.some((key) => key.selector === selector))
        return refuse(request, reply, "conflict", {
          detail: `${domain.value} has a key with the selector ${selector} already`,
        });
      if (own.length >= keysPerDomainMax) return refuse(request, reply, "conflict", tooMany(own));
      const key = await parts.keys.add(
        { domain: domain.value, selector, privateKey: privateKey.value },
        actOf(request, parts.clock()),
      );
      return reply.code(201).send(viewKey(key));
    },
  );
}

function readPem(pem: string): Parsed<KeyObject> {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return bad("is no private key in PEM without a passphrase"); // The cause could quote it.
  }
  try {
    measureKey(key);
    return ok(key);
  } catch (error) {
    return bad(error instanceof Error ? error.message : "may not sign");
  }
}
