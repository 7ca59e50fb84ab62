// A number given to a script: what is none ends it with a word, so that nothing is measured or tortured zero times and found well.

/** `--name text` as a whole number from `min` on. Ends the process with 2 where it is none. */
export function wholeNumber(name: string, text: string, min = 1): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= min) return number;
  console.error(`--${name} ${text}: give a whole number from ${min} on`);
  process.exit(2);
}
