import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgressReader } from '../../src/buildkit/progress-reader.ts';
import { parseSolveStatus } from '../../src/buildkit/solve-status.ts';
import type { ProgressEvent } from '../../src/core/events.ts';

/** An event and when it happened: BuildKit's own times, as the clock of the moment. */
export interface TimedEvent {
  readonly atMs: number;
  readonly event: ProgressEvent;
}

const FIXTURES = join(import.meta.dirname, '../fixtures/progress');

/** What a real BuildKit said during a build (`--progress rawjson`), as the events that slipway made of it. */
export function recordedBuild(name: 'build' | 'failing-build'): readonly TimedEvent[] {
  const events: TimedEvent[] = [];
  let atMs = 0;
  const reader = createProgressReader({ phase: 'build', onEvent: (event) => events.push({ atMs, event }) });
  for (const line of readFileSync(join(FIXTURES, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')) {
    atMs = Math.max(atMs, latestTime(line));
    reader.readLine(line);
  }
  return events;
}

/** A restore before and a save after, as warm/ tells them. */
export function wholeBuild(): readonly TimedEvent[] {
  const build = recordedBuild('build');
  const start = build[0]?.atMs ?? 0;
  const end = build.at(-1)?.atMs ?? 0;
  const transfer = (direction: 'down' | 'up', share: number): ProgressEvent => ({
    type: 'transfer',
    direction,
    bytesDone: 27_000_000 * share,
    bytesTotal: 27_000_000,
    packsDone: Math.floor(16 * share),
    packsTotal: 16,
  });
  return [
    { atMs: start - 4000, event: { type: 'phase', phase: 'restore', state: 'start' } },
    { atMs: start - 3500, event: { type: 'phase', phase: 'pull', state: 'start' } },
    { atMs: start - 3000, event: transfer('down', 0.25) },
    { atMs: start - 2900, event: helperVertex('running') },
    { atMs: start - 1000, event: transfer('down', 1) },
    { atMs: start - 600, event: helperVertex('done') },
    { atMs: start - 500, event: { type: 'phase', phase: 'restore', state: 'done', text: '5,334 entries' } },
    { atMs: start - 400, event: { type: 'phase', phase: 'pull', state: 'done' } },
    ...build,
    { atMs: end + 100, event: { type: 'phase', phase: 'save', state: 'start' } },
    { atMs: end + 200, event: { type: 'message', level: 'warning', text: 'the store is slow', hint: 'wait' } },
    { atMs: end + 300, event: transfer('up', 1) },
    { atMs: end + 400, event: { type: 'phase', phase: 'save', state: 'done' } },
  ];
}

function helperVertex(state: 'running' | 'done'): ProgressEvent {
  return { type: 'vertex', phase: 'restore', id: 'sha256:helper', name: 'RUN inject', state };
}

function latestTime(line: string): number {
  const times = [...line.matchAll(/"(?:started|completed|timestamp)":"([^"]+)"/g)].map((match) =>
    Date.parse(match[1] ?? ''),
  );
  return parseSolveStatus(line) === undefined ? 0 : Math.max(0, ...times);
}
