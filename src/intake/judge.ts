// Judges messages off the SMTP thread, in workers with limits on time, memory and backlog.
import type { CampaignSketch } from "../policy/campaign-sketch.ts";
import type { Finding } from "../policy/finding.ts";
import type { JudgeFacts } from "../policy/judge.ts";
import type { Stream } from "../policy/stream.ts";
import type { Unfit } from "./prescan.ts";
import {
  createTimedPool,
  type TimedPoolLimits,
  type TimedResult,
  type TimedTask,
} from "./timed-pool.ts";

/** What is the same for all messages of a stream. */
type Constant = Pick<JudgeFacts, "stream" | "gatewayHosts" | "linkedPages">;

interface Changing {
  readonly changing: Omit<JudgeFacts, keyof Constant>;
}

/** What a worker is given. */
export interface JudgeTask extends TimedTask, Constant, Changing {}

/** What a worker found out. */
export type Judgement =
  | {
      readonly kind: "judged";
      readonly findings: readonly Finding[];
      readonly bodyHash: string;
      /** Where the sender wants campaigns approved: what tells this one from others. */
      readonly campaign?: CampaignSketch;
    }
  | { readonly kind: "unfit"; readonly unfit: Unfit };

/** `failed`: the message is to be held. `busy`: the client is to come again. */
export type JudgeResult = Judgement | Exclude<TimedResult<never>, { readonly kind: "done" }>;

export interface Judge extends AsyncDisposable {
  /** `content` is not changed and stays the caller's. Never rejects. */
  readonly judge: (content: Buffer, facts: JudgeFacts) => Promise<JudgeResult>;
}

export interface JudgeOptions extends TimedPoolLimits {
  /** The worker's module; another one only to prove what happens when a worker fails. */
  readonly worker?: URL;
}

export function createJudge({ worker, ...limits }: JudgeOptions = {}): Judge {
  const pool = createTimedPool<Changing, Constant, Judgement>(
    { worker: worker ?? new URL("./judge-worker.ts", import.meta.url), name: "judgeTask" },
    limits,
  );
  const constants = new WeakMap<Stream, Constant>();
  return {
    judge: async (content, { stream, gatewayHosts, linkedPages, ...changing }) => {
      let constant = constants.get(stream);
      if (constant?.gatewayHosts !== gatewayHosts || constant.linkedPages !== linkedPages) {
        constant = { stream, gatewayHosts, ...(linkedPages === undefined ? {} : { linkedPages }) };
        constants.set(stream, constant);
      }
      const outcome = await pool.run(content, { changing }, constant);
      return outcome.kind === "done" ? outcome.result : outcome;
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}
