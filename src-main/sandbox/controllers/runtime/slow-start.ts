/**
 * Does `count` pieces of work side by side in batches of 1, 2, 4, …: when the first fails, thousands alike are not tried.
 * Rejects with the first failure after its batch has ended.
 */
export async function slowStart(count: number, work: () => Promise<void>): Promise<void> {
  let left = count;
  for (let size = 1; left > 0; size *= 2) {
    const batch = Math.min(size, left);
    const results = await Promise.allSettled(Array.from({ length: batch }, () => work()));
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason;
    }
    left -= batch;
  }
}
