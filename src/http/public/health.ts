// /healthz, /readyz and /metrics: for machines that watch. Nothing personal is in them.
import Type from "typebox";

import type { App } from "../app.ts";
import { textAnswer } from "../fields.ts";
import { createMetrics } from "../metrics.ts";
import type { HttpParts, Readiness } from "../parts.ts";

const readyMaxMs = 3000; // a part that does not say in time is not ready

const readinessSchema = Type.Object({
  ready: Type.Boolean(),
  checks: Type.Array(
    Type.Object({
      name: Type.String(),
      ok: Type.Boolean(),
      detail: Type.Optional(Type.String()),
    }),
  ),
});

export function healthRoutes(app: App, parts: HttpParts): void {
  app.get(
    "/healthz",
    {
      schema: {
        summary: "The process is alive",
        tags: ["public"],
        response: { 200: Type.Object({ alive: Type.Boolean() }) },
      },
    },
    () => Promise.resolve({ alive: true }),
  );
  app.get(
    "/readyz",
    {
      schema: {
        summary: "Storage, listeners and delivery are ready to take mail",
        tags: ["public"],
        response: { 200: readinessSchema, 503: readinessSchema },
      },
    },
    async (_request, reply) => {
      const readiness = await askReadiness(parts);
      return reply.code(readiness.ready ? 200 : 503).send(readiness);
    },
  );
  const metrics = createMetrics(parts, () => askReadiness(parts));
  app.get(
    "/metrics",
    {
      schema: {
        summary: "Metrics for Prometheus",
        tags: ["public"],
        response: { 200: textAnswer("In the text format of Prometheus.", "text/plain") },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.read()),
  );
}

async function askReadiness(parts: Pick<HttpParts, "ready" | "log">): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readiness>((resolve) => {
    timer = setTimeout(() => {
      resolve({ ready: false, checks: [{ name: "gateway", ok: false, detail: "no answer" }] });
    }, readyMaxMs);
  });
  try {
    return await Promise.race([parts.ready(), late]);
  } catch (error) {
    parts.log.error({ err: error }, "readiness unknown");
    return { ready: false, checks: [{ name: "gateway", ok: false, detail: "failed" }] };
  } finally {
    clearTimeout(timer);
  }
}
