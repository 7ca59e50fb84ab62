// What the operating system refuses, in words for whoever runs the command: what it is about, and how to go on.
import { userInfo } from "node:os";

/** An error's own message, but where it is the system's: then what is refused and the remedy, with its code in brackets. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, path, address, port, hostname } = error as Refusal;
  if (code === undefined) return error.message;
  const words =
    syscall === "listen" && port !== undefined
      ? ofPort(code, `${address ?? ""}:${port}`)
      : syscall === "getaddrinfo" && hostname !== undefined
        ? `the name ${hostname} leads to no address: correct it, or see to DNS and /etc/hosts`
        : path === undefined
          ? undefined
          : ofPath(code, path);
  return words === undefined ? error.message : `${words} (${code})`;
}

interface Refusal extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
}

function ofPath(code: string, path: string): string | undefined {
  switch (code) {
    case "ENOENT":
      return `${path} does not exist: name what is there`;
    case "EACCES":
    case "EPERM":
      return `${path} is closed to the user ${user()}: give that user the right to it, or name another place`;
    case "EISDIR":
      return `${path} is a folder: name a file`;
    case "EEXIST":
      return `${path} is there already, and is no folder or not to be overwritten: name another path`;
    case "ENOTDIR":
      return `${path} leads through what is no folder: name another path`;
    case "EROFS":
      return `${path} lies where nothing can be written: name another place`;
    case "ENOSPC":
      return `no room is left for ${path}: make some`;
    default:
      return undefined;
  }
}

function ofPort(code: string, where: string): string | undefined {
  switch (code) {
    case "EADDRINUSE":
      return `${where} is taken by another program: end that one, or change smtp.listeners or http.port`;
    case "EACCES":
      return `${where} is closed to the user ${user()}: a port below 1024 takes CAP_NET_BIND_SERVICE, as contrib/sekisho.service gives it; or name a higher one in smtp.listeners or http.port`;
    case "EADDRNOTAVAIL":
      return `${where} is at no address of this machine: change smtp.listeners or http.host`;
    default:
      return undefined;
  }
}

function user(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.()); // a container may run under a number without a name
  }
}
