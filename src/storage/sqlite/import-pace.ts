// Cuts an import into transactions so short that whoever else writes hardly waits, on the machine as it is just now.

const transactionMilliseconds = 20; // a client waits 200 ms for its 250 at most (threats.md row 56), on a loaded machine too
const rowsMin = 100; // below, the commit itself costs more than its rows
const rowsMax = 2000;
const changeMax = 2; // from one transaction to the next

/** `write` stores its rows in one transaction. Gives how many rows were new. */
export function createPacedWrite<Row>(
  write: (rows: readonly Row[]) => Promise<number>,
  now: () => number = () => performance.now(),
): (rows: readonly Row[]) => Promise<number> {
  let rowsAtOnce = 500;
  let answeredAt = 0;
  const writeSome = async (some: readonly Row[]): Promise<number> => {
    const postedAt = now();
    const recorded = await write(some);
    // Two calls overlap: until the one before was answered, the writer was busy with that.
    const took = now() - Math.max(postedAt, answeredAt);
    answeredAt = now();
    const change = transactionMilliseconds / Math.max(took, 1);
    const bounded = Math.min(Math.max(change, 1 / changeMax), changeMax);
    if (some.length >= rowsAtOnce || change < 1)
      rowsAtOnce = Math.round(Math.min(Math.max(some.length * bounded, rowsMin), rowsMax));
    return recorded;
  };
  return async (rows) => {
    let recorded = 0;
    for (let start = 0; start < rows.length;) {
      const end = start + rowsAtOnce;
      recorded += await writeSome(rows.slice(start, end));
      start = end;
    }
    return recorded;
  };
}
