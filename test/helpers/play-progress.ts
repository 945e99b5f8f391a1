import { createProgress } from '../../src/cli/progress/create-progress.ts';
import { systemClock } from '../../src/core/clock.ts';
import { recordedBuild, wholeBuild } from './recorded-events.ts';

/** Plays a recorded build on this process's standard error, ten times as fast: what a pty test starts. */
const SPEED = 10;
const events = process.argv[2] === 'failing' ? recordedBuild('failing-build') : wholeBuild();
const progress = createProgress({ mode: 'auto', stream: process.stderr, env: process.env, clock: systemClock });
let before = events[0]?.atMs ?? 0;
for (const { atMs, event } of events) {
  if (atMs > before) await systemClock.sleep((atMs - before) / SPEED);
  before = Math.max(before, atMs);
  progress.onEvent(event);
  // In the middle, as a second Ctrl-C ends it.
  if (process.argv[2] === 'cut' && event.type === 'vertex-log') process.exit(130);
}
progress.close();
progress.printLine('slipway: 27.0 MB down');
