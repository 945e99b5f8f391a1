/** As the program does: helper/fetch.go. */
const LEAST_WORKERS = 4;
const MOST_WORKERS = 8;

/**
 * Seconds until the last pack is there on so many processors, from what each takes on one: packs in this order, as many at once as
 * the program fetches, which share the processors evenly. A disk or a wire that is slower than the processors isn't in it.
 */
export function fetchSeconds(secondsEach: readonly number[], processors: number): number {
  const workers = Math.min(Math.max(LEAST_WORKERS, processors), MOST_WORKERS, secondsEach.length);
  const waiting = [...secondsEach];
  let running = waiting.splice(0, workers);
  let seconds = 0;
  while (running.length > 0) {
    const rate = Math.min(1, processors / running.length);
    const least = Math.min(...running);
    seconds += least / rate;
    const left = running.map((one) => one - least).filter((one) => one > 1e-9);
    running = [...left, ...waiting.splice(0, workers - left.length)];
  }
  return seconds;
}
