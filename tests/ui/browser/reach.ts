/** Asks until the answer is the expected one, at most a few seconds; returns the last answer. */
export async function reach<T>(ask: () => Promise<T>, expected: T): Promise<T> {
  for (let turn = 0; ; turn++) {
    const answer = await ask()
    if (answer === expected || turn === 50) return answer
    await Bun.sleep(100)
  }
}
