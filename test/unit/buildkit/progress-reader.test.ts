import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgressReader } from '../../../src/buildkit/progress-reader.ts';
import type { ProgressEvent } from '../../../src/core/events.ts';

/** What buildctl 0.33.1 wrote to standard error under `--progress=rawjson`. */
function readRecording(name: string): string[] {
  return readFileSync(path.join(import.meta.dirname, `../../fixtures/rawjson/${name}.jsonl`), 'utf8').split('\n');
}

function follow(lines: readonly string[]) {
  const events: ProgressEvent[] = [];
  const logLines: string[] = [];
  const reader = createProgressReader({
    phase: 'build',
    onEvent: (event) => events.push(event),
    onLogLine: (line) => logLines.push(line),
  });
  for (const line of lines) reader.readLine(line);
  const states = events.flatMap((event) => (event.type === 'vertex' ? [`${event.state} ${event.name}`] : []));
  return { reader, events, logLines, states };
}

function step(reader: ReturnType<typeof follow>['reader'], name: string) {
  const found = [...reader.steps.values()].filter((candidate) => candidate.name === name);
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe('recorded builds', () => {
  it('tells a step that ran from one that was cached', () => {
    const run = step(follow(readRecording('uncached')).reader, '[2/2] RUN echo hi > /hi');
    expect(run.isCached).toBe(false);
    expect(run.completedAtMs).toBeGreaterThan(run.startedAtMs ?? Infinity);
    const cached = follow(readRecording('cached'));
    expect(step(cached.reader, '[2/2] RUN echo hi > /hi').isCached).toBe(true);
    expect(cached.states.filter((state) => state.includes('RUN'))).toEqual(['cached [2/2] RUN echo hi > /hi']);
    expect(cached.reader.failure()).toBeUndefined();
    expect(cached.reader.otherLines).toEqual([]);
  });

  it('keeps the log and the error of the failing step, and the words of the client beside the progress', () => {
    const { reader, states, logLines } = follow(readRecording('failed'));
    const failure = reader.failure();
    expect(failure?.name).toMatch(/^\[broken 3\/3\] RUN printf/);
    expect(failure?.error).toMatch(/did not complete successfully: exit code: 42$/);
    expect(failure?.log).toEqual(['first line', ' line', '\u001B[31mred\u001B[0m', 'second']);
    expect(logLines).toContain('slow-begins');
    expect(reader.otherLines[0]).toBe('Dockerfile.prog:8');
    expect(reader.otherLines.join('\n')).toContain("8 | >>> RUN printf 'first line");
    expect(reader.otherLines.at(-1)).toMatch(/^error: failed to solve: process/);
    expect(states.filter((state) => state.startsWith('error'))).toEqual([`error ${failure?.name}`]);
    expect(states).toContain('canceled [slow 3/3] RUN echo slow-begins && sleep 30');
  });

  it('takes a step that was interrupted for canceled, not for the failing one', () => {
    const { reader, states } = follow(readRecording('canceled'));
    expect(states.at(-1)).toBe('canceled [2/2] RUN echo begins; sleep 40');
    expect(reader.failure()).toBeUndefined();
    expect(reader.otherLines).toEqual(['error: failed to solve: Canceled: context canceled']);
  });

  it('says each state of a step once, and hands every progress line on as it came', () => {
    const lines = readRecording('failed');
    const { events, states } = follow(lines);
    const bySteps = Map.groupBy(states, (state) => state.replace(/^\S+ /, ''));
    for (const ofStep of bySteps.values()) {
      for (const [index, state] of ofStep.entries()) expect(state).not.toBe(ofStep[index - 1]);
    }
    const raw = events.flatMap((event) => (event.type === 'raw' ? [event.line] : []));
    expect(raw).toEqual(lines.filter((line) => line.startsWith('{')));
  });
});

const vertex = { digest: 'sha256:a', name: 'RUN x' };
const line = (value: object): string => JSON.stringify(value);
const log = (bytes: Buffer | string, stream = 1): string =>
  line({ logs: [{ vertex: 'sha256:a', stream, data: Buffer.from(bytes).toString('base64') }] });

describe('the edges of the stream', () => {
  it('joins a line that came in pieces, also in the middle of a character, and keeps the streams apart', () => {
    const euro = Buffer.from('5 €\n');
    const { logLines } = follow([log(euro.subarray(0, 3)), log('error', 2), log(euro.subarray(3)), log('s\n', 2)]);
    expect(logLines).toEqual(['5 €', 'errors']);
  });

  it('takes what a step printed without a line end for its last line once it completed', () => {
    const completed = { ...vertex, started: '2026-01-01T00:00:00Z', completed: '2026-01-01T00:00:01Z' };
    expect(follow([log('no end')]).logLines).toEqual([]);
    expect(follow([log('no end'), line({ vertexes: [completed] })]).logLines).toEqual(['no end']);
    const both = line({
      vertexes: [completed],
      logs: [{ vertex: 'sha256:a', data: Buffer.from('at once').toString('base64') }],
    });
    expect(follow([both]).logLines).toEqual(['at once']);
  });

  it('takes broken JSON and other text for the client’s words, and drops empty lines', () => {
    const { reader } = follow(['{"vertexes": [', 'WARNING: no output', '', '   ', '{}', '[1]']);
    expect(reader.otherLines).toEqual(['{"vertexes": [', 'WARNING: no output', '[1]']);
  });

  it('keeps the last 40 log lines of a step and the last 200 lines of the client', () => {
    const failing = line({ vertexes: [{ ...vertex, error: 'exit code: 1' }] });
    const logs = log(Array.from({ length: 60 }, (_, index) => `line ${index}\n`).join(''));
    const others = Array.from({ length: 250 }, (_, index) => `other ${index}`);
    const { reader } = follow([logs, failing, ...others]);
    expect(reader.failure()?.log).toHaveLength(40);
    expect(reader.failure()?.log.at(0)).toBe('line 20');
    expect(reader.otherLines).toHaveLength(200);
    expect(reader.otherLines.at(-1)).toBe('other 249');
  });

  it('is running again when a completed step starts again', () => {
    const first = { ...vertex, started: '2026-01-01T00:00:00Z', completed: '2026-01-01T00:00:01Z' };
    const again = { ...vertex, started: '2026-01-01T00:00:02Z' };
    expect(follow([line({ vertexes: [first] }), line({ vertexes: [again] })]).states).toEqual([
      'done RUN x',
      'running RUN x',
    ]);
  });
});
