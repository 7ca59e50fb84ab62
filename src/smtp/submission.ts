// Submission: the mail of MA tools, handed to intake.
import { refused } from "../intake/answer.ts";
import type { Answer } from "../intake/answer.ts";
import type { Intake } from "../intake/intake.ts";
import type { Reply } from "../mail/reply.ts";
import type { BodyFlaw } from "./body-decoder.ts";
import type { Receiver } from "./receiver.ts";

export function createSubmission(intake: Intake, toReply: (answer: Answer) => Reply): Receiver {
  return {
    tooLarge: (octetsMax) => toReply(refused("too-large", `at most ${octetsMax} octets`)),
    open: async (peer, mail) => {
      if (peer.principal === undefined) return { kind: "not-authenticated" };
      const beginning = await intake.begin(peer.principal, mail, { address: peer.address });
      switch (beginning.kind) {
        case "not-authenticated":
          return beginning;
        case "refused":
          return { kind: "closed", reply: toReply(beginning.answer) };
        case "begun": {
          const { transaction } = beginning;
          return {
            kind: "open",
            reply: toReply({ kind: "sender-ok" }),
            exchange: {
              accepted: transaction.accepted,
              recipient: async (path, dsn) => toReply(await transaction.recipient(path, dsn)),
              message: async (content, { helo, protocol }) =>
                toReply(await transaction.message(content, { helo, protocol })),
              flawed: async (flaw) => toReply(await transaction.refuse(answerTo(flaw))),
            },
          };
        }
      }
    },
  };
}

function answerTo(flaw: BodyFlaw): Extract<Answer, { kind: "refused" }> {
  switch (flaw) {
    case "line-ends":
      return refused("line-ends");
    case "too-large":
      return refused("too-large");
    case "no-room":
      return refused("storage-full");
  }
}
