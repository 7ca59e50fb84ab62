// One question to name servers, as bytes: asked with the AD and DO bits set, so that the answer tells of DNSSEC.
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect } from "node:net";

import dnsPacket from "dns-packet";

export type QuestionType = "MX" | "A" | "AAAA" | "TLSA";

/** `packet` is the answer to this question, whatever it says. */
export type Asked =
  | { readonly kind: "packet"; readonly packet: dnsPacket.DecodedPacket }
  | { readonly kind: "unanswered"; readonly problem: string };

const tries = 2; // of each server: one lost datagram is forgiven
const datagramMaxOctets = 1232; // DNS flag day 2020: fits every path without fragments
const messageMaxOctets = 65_535;

/** Asks one server after the other, each over UDP, and over TCP where the answer does not fit. Never throws. */
export async function askServers(
  options: {
    /** `address:port` */
    readonly servers: readonly string[];
    /** For one question to one server. */
    readonly timeoutMs: number;
  },
  name: string,
  type: QuestionType,
): Promise<Asked> {
  let problem = "no validating resolver is set up";
  for (let attempt = 0; attempt < tries; attempt += 1)
    for (const server of options.servers) {
      const id = randomInt(65_536);
      const question = encodeQuestion(id, name, type);
      if (question === undefined)
        return { kind: "unanswered", problem: "is no name that DNS can carry" };
      const check = (octets: Buffer): dnsPacket.DecodedPacket | undefined =>
        readReply(octets, { id, name, type });
      const place = placeOf(server);
      const short = await overUdp(place, question, options.timeoutMs, check);
      const whole =
        short?.flag_tc === true ? await overTcp(place, question, options.timeoutMs, check) : short;
      if (whole !== undefined) return { kind: "packet", packet: whole };
      problem = `no answer from ${server}`;
    }
  return { kind: "unanswered", problem };
}

interface Place {
  readonly host: string;
  readonly port: number;
}

function placeOf(server: string): Place {
  const match = /^\[?([0-9a-fA-F.:]+?)\]?(?::(\d+))?$/.exec(server);
  return { host: match?.[1] ?? server, port: Number(match?.[2] ?? 53) };
}

/** undefined where the name cannot be written: a label of more than 63 octets. */
function encodeQuestion(id: number, name: string, type: QuestionType): Buffer | undefined {
  try {
    return dnsPacket.encode({
      type: "query",
      id,
      flags: dnsPacket.RECURSION_DESIRED | dnsPacket.AUTHENTIC_DATA,
      questions: [{ type, name }],
      additionals: [
        {
          type: "OPT",
          name: ".",
          udpPayloadSize: datagramMaxOctets,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: dnsPacket.DNSSEC_OK,
          flag_do: true,
          options: [],
        },
      ],
    });
  } catch {
    return undefined;
  }
}

/** undefined: not the answer to this question. */
function readReply(
  octets: Buffer,
  asked: { readonly id: number; readonly name: string; readonly type: QuestionType },
): dnsPacket.DecodedPacket | undefined {
  try {
    const packet = dnsPacket.decode(octets);
    const question = packet.questions?.[0];
    return packet.type === "response" &&
      packet.id === asked.id &&
      question?.type === asked.type &&
      question.name.toLowerCase() === asked.name.toLowerCase()
      ? packet
      : undefined;
  } catch {
    return undefined;
  }
}

type Check = (octets: Buffer) => dnsPacket.DecodedPacket | undefined;

function overUdp(
  { host, port }: Place,
  question: Buffer,
  timeoutMs: number,
  check: Check,
): Promise<dnsPacket.DecodedPacket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    const finish = (packet: dnsPacket.DecodedPacket | undefined): void => {
      clearTimeout(timer);
      socket.removeAllListeners("message");
      socket.close();
      resolve(packet);
    };
    const timer = setTimeout(finish, timeoutMs, undefined);
    socket.once("error", () => {
      finish(undefined);
    });
    socket.on("message", (octets) => {
      const packet = check(octets);
      if (packet !== undefined) finish(packet);
    });
    // A connected socket takes datagrams of its peer only.
    socket.connect(port, host, () => {
      socket.send(question);
    });
  });
}

function overTcp(
  { host, port }: Place,
  question: Buffer,
  timeoutMs: number,
  check: Check,
): Promise<dnsPacket.DecodedPacket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let input = Buffer.alloc(0);
    const finish = (packet: dnsPacket.DecodedPacket | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(packet);
    };
    const timer = setTimeout(finish, timeoutMs, undefined);
    socket.on("error", () => {
      finish(undefined);
    });
    socket.on("close", () => {
      finish(undefined);
    });
    socket.once("connect", () => {
      const head = Buffer.alloc(2);
      head.writeUInt16BE(question.length);
      socket.write(Buffer.concat([head, question]));
    });
    socket.on("data", (chunk) => {
      input = Buffer.concat([input, chunk]);
      if (input.length > messageMaxOctets + 2) finish(undefined);
      else if (input.length >= 2 && input.length >= input.readUInt16BE(0) + 2)
        finish(check(input.subarray(2, input.readUInt16BE(0) + 2)));
    });
  });
}
