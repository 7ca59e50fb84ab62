// stub
export function isOptOutAddress(a: string): boolean { return /^unsubscribe\+/i.test(a); }
export function readOptOut(m: { subject: string; text: string }): "opt-out" | "unclear" | "none" { void m; return "none"; }
