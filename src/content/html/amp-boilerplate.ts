// The line that keeps AMP mail unseen until its runtime has loaded (AMP for Email, "Required markup").

/**
 * Every valid AMP mail has this sheet, word for word, and the runtime takes it away; clients without the runtime show another
 * alternative. All other hiding in AMP counts. The text alone goes and its tags stay, so that nothing around it is read in
 * another way.
 */
const boilerplate =
  /(<style\s+amp4email-boilerplate(?:="")?\s*>)\s*body\{visibility:hidden\}\s*(?=<\/style\b)/gi;

export function withoutAmpBoilerplate(source: string): string {
  return source.replace(boilerplate, "$1");
}
