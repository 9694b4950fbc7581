// Keeps so many runs under way at once, each started when another ends, and times every one.

/** @typedef {{ runs: number, seconds: number, runsPerSecond: number, p50: number, p99: number }} Measured */

/**
 * @param {{ run: (seed: number) => Promise<unknown>, expected: (seed: number) => unknown, atOnce: number, seconds: number, atMost?: number }} load
 * @returns {Promise<Measured>} Latencies in milliseconds.
 */
export async function applyLoad({ run, expected, atOnce, seconds, atMost = Number.POSITIVE_INFINITY }) {
  const latencies = [];
  const begin = performance.now();
  const deadline = begin + seconds * 1000;
  let started = 0;
  const worker = async () => {
    while (started < atMost && performance.now() < deadline) {
      const seed = started++;
      const from = performance.now();
      const result = await run(seed);
      latencies.push(performance.now() - from);
      const wanted = expected(seed);
      if (result !== wanted) {
        throw new Error(`A run with ${seed} came to ${JSON.stringify(result)}, not ${JSON.stringify(wanted)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  // All that was started is counted, and so is the time until the last of it has ended.
  const took = (performance.now() - begin) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    runs: latencies.length,
    seconds: took,
    runsPerSecond: latencies.length / took,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

export function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** @returns {Record<string, number>} Of each of these figures, its median over what was measured. */
export function medians(measured, figures) {
  return Object.fromEntries(figures.map((figure) => [figure, median(measured.map((each) => each[figure]))]));
}

export function median(numbers) {
  return quantile(
    numbers.toSorted((a, b) => a - b),
    0.5,
  );
}
