import type { BenchProgress } from '../../bench/run-bench.ts';
import { formatSeconds } from '../../core/size.ts';
import type { OutputStream } from '../io.ts';
import { cleanText } from '../../core/clean-text.ts';

/** A line when a sample starts and one when it is done: which of how many, how long it took, how long the rest may take. */
export function createBenchProgress(stream: OutputStream): (progress: BenchProgress) => void {
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1000;
  let done = 0;
  return (progress) => {
    if (progress.kind === 'left' || progress.kind === 'note') {
      stream.write(`slipway: ${progress.kind === 'left' ? 'left out: ' : ''}${cleanText(progress.text)}\n`);
      return;
    }
    const place = `[${String(progress.number).padStart(String(progress.of).length)}/${progress.of}]`;
    if (progress.kind === 'sample') {
      const { strategy, scenario, isFill, isWarmUp, repeat } = progress.run;
      const what = isFill ? 'fills its cache' : isWarmUp ? `${scenario}, warm-up` : `${scenario}, round ${repeat}`;
      stream.write(`${place} ${strategy}: ${what}\n`);
      return;
    }
    done += 1;
    const rest = (elapsed() / done) * (progress.of - progress.number);
    const { seconds, isCensored } = progress.sample;
    const took = isCensored ? `cut off after ${formatSeconds(seconds)}` : formatSeconds(seconds);
    const left = rest > 0 ? `, about ${formatSeconds(rest)} left` : '';
    stream.write(`${place} ${took}; ${formatSeconds(elapsed())} so far${left}\n`);
  };
}
