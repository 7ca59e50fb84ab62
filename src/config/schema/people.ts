// Section `people`: passwords, second factor, sessions, roles, single sign-on of those who administer.
import Type from "typebox";

import { choice, duration, flag, id, optionalText, text, texts, whole } from "./fields.ts";

const closed = { additionalProperties: false } as const;

const oidcSchema = Type.Object(
  {
    issuer: text("The provider's issuer URL (https; http on loopback only)."),
    client_id: text("Our id at the provider."),
    client_secret_file: optionalText(
      "File with our secret there; absent: a public client (PKCE alone).",
    ),
    role_claim: text("Claim of the ID token or the userinfo endpoint that holds groups or roles.", {
      default: "groups",
    }),
    verified_claim: text(
      "Claim that says that the provider has verified the address; xms_edov at Microsoft Entra ID.",
      { default: "email_verified" },
    ),
    roles: Type.Record(Type.String(), Type.Array(Type.String()), {
      default: {},
      description: "Value of the claim: [roles here]. Whoever has none of them is not let in.",
    }),
    create_users: flag("Make a person at the first login; false: they must exist already.", false),
    allow_private: texts("Private address ranges that the provider may be at."),
  },
  { ...closed, description: "Single sign-on by OpenID Connect; absent: none." },
);

const roleSchema = Type.Object(
  {
    id: id("Name of the role."),
    summary: text("What it is for.", { default: "a role of this gateway" }),
    scopes: texts("What it may do: noun:read or noun:write."),
    masked: flag("Mail addresses are shown masked.", false),
  },
  closed,
);

export const peopleSchema = Type.Object(
  {
    password: Type.Object(
      {
        min_length: whole("Least characters of a password.", 12, 8, 128),
        min_score: whole("Least score of the strength estimate (zxcvbn), 0 to 4.", 3, 0, 4),
        max_age_days: whole("A password older than this must be changed; 0: never.", 0, 0, 3650),
        breached_file: optionalText(
          "File of SHA-1 hashes of leaked passwords in upper-case hexadecimal, sorted, one a line (`HASH` or `HASH:COUNT`; prefixes of 10 or more digits serve too).",
        ),
      },
      { ...closed, default: {} },
    ),
    second_factor: choice(
      "Whether people with a password must have an authenticator.",
      ["optional", "required"],
      "optional",
    ),
    session: Type.Object(
      {
        idle: duration("A session without activity ends after this.", "30m"),
        max: duration("A session ends after this in any case.", "12h"),
      },
      { ...closed, default: {} },
    ),
    banner: text("Shown at login.", {
      default: "操作はすべて記録されています。 / Everything done here is recorded.",
    }),
    roles: Type.Array(roleSchema, { default: [], description: "Roles beside the standard ones." }),
    oidc: Type.Optional(oidcSchema),
  },
  { ...closed, default: {} },
);
