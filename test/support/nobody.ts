// Programs run as a user without rights, where tests run as root: what root may do anyway shows nothing.
import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const nobody = 65_534;

export interface UnixUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** Who is to run a gateway that must not have root's rights: `nobody`, or this user where it is not root. */
export const plainUser: UnixUser = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

/** False where the checkout lies in a folder of root's own, so that `nobody` could not read the program. */
export function canRunAsPlainUser(): boolean {
  if (plainUser.uid === undefined) return true;
  return (
    spawnSync(process.execPath, ["--check", join(root, "src/main.ts")], plainUser).status === 0
  );
}

/** Gives a folder and all in it to {@link plainUser}; nobody else gets in. */
export function giveToPlainUser(folder: string): void {
  if (plainUser.uid !== undefined)
    spawnSync("chown", ["-R", `${nobody}:${nobody}`, folder], { stdio: "inherit" });
  chmodSync(folder, 0o700);
}
