// Whether a bulk export may begin: recorded first, and by two people where the sender says so (law.md S76).
import { acted } from "../audit/from-people.ts";
import { exportWords, spendExport } from "../queue/export-approval.ts";
import type { OfficeForCommand } from "./office.ts";
import { Usage } from "./output.ts";
import { asksSecondPerson } from "./second-person.ts";

/** Records the export; false where it waits for a second person. */
export async function mayExport(
  office: OfficeForCommand,
  about: {
    readonly what: string;
    readonly query: object;
    readonly approval?: string | undefined;
    readonly sender?: string;
  },
): Promise<boolean> {
  const { storage, actor, clock } = office;
  const query = exportWords(about.query);
  const { what, sender } = about;
  const act = { actor, at: clock() };
  if (about.approval === undefined) {
    const wanted = { kind: "export", what, query } as const;
    if (await asksSecondPerson(office, wanted, sender === undefined ? {} : { sender }))
      return false;
  } else if (!(await spendExport(storage.approvals, about.approval, { what, query }, act)))
    throw new Usage(`--approval ${about.approval} is none for this export, or was used or is over`);
  await storage.audit.append([
    {
      ...acted("Export", act, { change: "export", what, query }),
      ...(sender === undefined ? {} : { sender }),
    },
  ]);
  return true;
}
