import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  chooseMode,
  createProgress,
  type Progress,
  type ProgressMode,
} from '../../../../src/cli/progress/create-progress.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import type { ProgressEvent } from '../../../../src/core/events.ts';
import { rememberSecret } from '../../../../src/core/redact.ts';
import { createScreen, type Screen } from '../../../helpers/screen.ts';
import { recordedBuild, wholeBuild, type TimedEvent } from '../../../helpers/recorded-events.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

interface Play {
  readonly text: string;
  readonly screen: Screen;
  readonly progress: Progress;
}

interface PlayOptions {
  readonly mode: ProgressMode;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Record<string, string>;
  readonly onTick?: (screen: Screen) => void;
}

/** Plays events at their own pace on a screen; timers fire in between as they would. */
function play(events: readonly TimedEvent[], options: PlayOptions): Play {
  const { columns = 100, rows = 30 } = options;
  const screen = createScreen(columns, rows);
  let text = '';
  const stream = {
    isTTY: options.mode === 'tty',
    columns,
    rows,
    write: (piece: string) => {
      text += piece;
      screen.write(piece);
      return true;
    },
  };
  vi.setSystemTime(events[0]?.atMs ?? 0);
  const clock: Clock = { now: () => Date.now(), monotonic: () => Date.now(), sleep: async () => {} };
  const progress = createProgress({ mode: options.mode, stream, env: options.env ?? {}, clock });
  for (const { atMs, event } of events) {
    while (Date.now() < atMs) {
      vi.advanceTimersByTime(Math.min(50, atMs - Date.now()));
      options.onTick?.(screen);
    }
    progress.onEvent(event);
  }
  progress.close();
  return { text, screen, progress };
}

describe('plain progress', () => {
  it('prints steps as BuildKit does', () => {
    const { text } = play(recordedBuild('build'), { mode: 'plain' });
    expect(text).toMatch(/^#1 \[internal\] load build definition from Dockerfile\n#1 DONE 0\.\ds\n/);
    expect(text).toMatch(/\n\n#5 \[base 2\/2\] RUN .*compiling.*\n(?:.*\n)*#5 0\.\d{3} compiling package 1\n/);
    expect(text).toMatch(/\n#5 DONE 1\.\ds\n/);
    expect(text).not.toContain('\u001b');
  });

  it('prints cached steps, and the failed one with its log once more at the end', () => {
    const { text } = play(recordedBuild('failing-build'), { mode: 'plain' });
    expect(text.match(/^#\d+ CACHED$/gm)).toHaveLength(4);
    expect(text).toMatch(/\n#8 ERROR: process .* exit code: 7\n/);
    const block = text.slice(text.indexOf('------'));
    expect(block).toMatch(/^------\n > \[stage-2 2\/2\] RUN .*:\n\d\.\d{3} fetch 99%\n\d\.\d{3} red\n/);
  });

  it('makes what children print harmless', () => {
    const { text } = play(recordedBuild('build'), { mode: 'plain' });
    expect(text).toContain(' : :error::injected\n');
    expect(text).toContain(' x ## [add-mask]y\n');
    expect(text).not.toMatch(/^\s*::/m);
    expect(text).not.toContain('##[');
    expect(text).not.toContain('fetch 10%\r');
  });

  it('takes credentials out of the names and errors of steps, and leaves what they print', () => {
    rememberSecret('token-in-a-step');
    const vertex = { type: 'vertex', phase: 'build', id: 'a', name: 'RUN curl -u token-in-a-step' } as const;
    const events: readonly ProgressEvent[] = [
      { ...vertex, state: 'running' },
      { type: 'vertex-log', phase: 'build', id: 'a', stream: 'stdout', text: 'printed: token-in-a-step' },
      { ...vertex, state: 'error', error: 'curl -u token-in-a-step failed' },
    ];
    const { text } = play(
      events.map((event, index) => ({ atMs: index, event })),
      { mode: 'plain' },
    );
    expect(text).toContain('RUN curl -u ***\n');
    expect(text).toContain('ERROR: curl -u *** failed\n');
    const others = text.split('\n').filter((line) => line.includes('token-in-a-step') && !line.includes('printed: '));
    expect(others).toEqual([]);
    expect(text).toContain('printed: token-in-a-step\n');
  });

  it('tells restore, pull and save, but not the steps of helper builds', () => {
    const { text } = play(wholeBuild(), { mode: 'plain' });
    expect(text).toContain('slipway: restore\n');
    expect(text).toContain('slipway: 27.0 MB of 27.0 MB, 16 of 16 packs, 9.0 MB/s down\n');
    expect(text).toContain('slipway: restore done in 3.5s: 5,334 entries\n');
    expect(text).toContain('slipway: base images done in 3.1s\n');
    expect(text).toContain('slipway: warning: the store is slow (wait)\n');
    expect(text).toContain('slipway: save done in 0.3s\n');
    expect(text).not.toContain('RUN inject');
    // Nor do they take a number.
    expect(text).toContain('\n#1 [internal] load build definition');
  });
});

describe('live progress', () => {
  const stepNames = ['COPY busybox', 'compiling package', 'linking', 'COPY --from=other', 'injected'];

  it.each([
    [200, 50],
    [100, 30],
    [60, 12],
    [40, 8],
    [20, 5],
    [10, 3],
  ])('leaves each ended step once and nothing else, at %i x %i', (columns, rows) => {
    const { screen, text } = play(wholeBuild(), { mode: 'tty', columns, rows });
    const lines = screen.lines();
    expect(screen.isCursorHidden).toBe(false);
    expect(lines.filter((line) => line.startsWith(' =>'))).toHaveLength(8);
    if (columns >= 20) expect(lines.filter((line) => line.startsWith('slipway r'))).toHaveLength(1);
    expect(lines.filter((line) => /^(?: =>|slipway )/.test(line) && line.length >= columns)).toEqual([]);
    expect(lines.join('\n')).not.toContain('=> =>');
    expect(text).not.toContain('##[');
    if (columns >= 200)
      for (const name of stepNames) expect(lines.filter((line) => line.includes(name))).toHaveLength(1);
  });

  it('never draws more than the terminal has rows', () => {
    const seen: number[] = [];
    const onTick = (screen: Screen): void => {
      seen.push(screen.lines().filter((line) => line.includes('=> => #')).length);
    };
    play(wholeBuild(), { mode: 'tty', columns: 80, rows: 4, onTick });
    expect(Math.max(...seen)).toBeGreaterThan(0);
    expect(Math.max(...seen)).toBeLessThanOrEqual(3);
  });

  it('shows running steps with timers and their last lines, and the restore with bytes, packs and rate', () => {
    const frames: string[] = [];
    play(wholeBuild(), { mode: 'tty', columns: 120, onTick: (screen) => frames.push(screen.lines().join('\n')) });
    expect(
      frames.some((frame) =>
        /^slipway restore \[#{5}-{15}\] 6\.8 MB of 27\.0 MB, 4 of 16 packs, 6\.8 MB\/s +1\.\ds$/m.test(frame),
      ),
    ).toBe(true);
    expect(
      frames.some((frame) =>
        /RUN .*compiling.* 0\.[5-9]s\n => => # compiling package 1\n => => # compiling package 2/.test(frame),
      ),
    ).toBe(true);

    const timers = frames.flatMap((frame) => /RUN .*compiling.* (\d\.\d)s\n => =>/.exec(frame)?.[1] ?? []);
    expect(new Set(timers).size).toBeGreaterThan(5);
  });

  it('keeps the log of a failed step', () => {
    const { screen } = play(recordedBuild('failing-build'), { mode: 'tty', columns: 400 });
    const text = screen.lines().join('\n');
    expect(text).toMatch(/ => ERROR \[stage-2 2\/2\] RUN/);
    expect(text).toMatch(/------\n > \[stage-2 2\/2\] RUN .*\n\d\.\d{3} fetch 99%\n/);
    expect(text).toContain(': :error::injected');
    expect(text.match(/CACHED/g)).toHaveLength(4);
  });

  it('stays whole when the terminal becomes narrower', () => {
    const screen = createScreen(40, 20);
    const stream = {
      isTTY: true,
      columns: 40,
      rows: 20,
      write: (piece: string) => {
        screen.write(piece);
        return true;
      },
    };
    vi.setSystemTime(0);
    const clock: Clock = { now: () => Date.now(), monotonic: () => Date.now(), sleep: async () => {} };
    const progress = createProgress({ mode: 'tty', stream, env: {}, clock });
    progress.onEvent({
      type: 'vertex',
      phase: 'build',
      id: 'a',
      name: 'RUN '.repeat(20),
      state: 'running',
      startedAtMs: 0,
    });
    stream.columns = 80;
    vi.advanceTimersByTime(100);
    // The screen is 40 wide: what was drawn for 80 has wrapped there, as after a resize.
    stream.columns = 40;
    vi.advanceTimersByTime(200);
    progress.close();
    expect(screen.lines()).toEqual([]);
  });

  it('colours as NO_COLOR, FORCE_COLOR and the terminal say', () => {
    const colour = /\u001b\[\d+m/;
    expect(play(recordedBuild('build'), { mode: 'tty' }).text).toMatch(colour);
    expect(play(recordedBuild('build'), { mode: 'tty', env: { NO_COLOR: '1', FORCE_COLOR: '1' } }).text).not.toMatch(
      colour,
    );
    expect(play(recordedBuild('build'), { mode: 'tty', env: { FORCE_COLOR: '0' } }).text).not.toMatch(colour);
    expect(play(recordedBuild('build'), { mode: 'tty', env: { NO_COLOR: '' } }).text).toMatch(colour);
  });
});

describe('the other modes', () => {
  it.each(['quiet', 'none'] as const)('%s shows warnings, failures and nothing else', (mode) => {
    expect(play(wholeBuild(), { mode }).text).toBe('slipway: warning: the store is slow (wait)\n');
    expect(play(recordedBuild('failing-build'), { mode }).text).toMatch(/^------\n > \[stage-2 2\/2\]/);
  });

  it("rawjson hands on BuildKit's lines as they are", () => {
    const events = recordedBuild('failing-build');
    const raw = events.flatMap(({ event }) => (event.type === 'raw' ? [event.line] : []));
    expect(raw.length).toBeGreaterThan(10);
    expect(play(events, { mode: 'rawjson' }).text).toBe(`${raw.join('\n')}\n`);
  });

  it('prints closing lines only for people', () => {
    const after = (mode: ProgressMode): string => {
      const { progress, screen } = play([], { mode });
      progress.printLine('slipway: done');
      return screen.lines().join('');
    };
    expect(after('plain')).toBe('slipway: done');
    expect(after('tty')).toBe('slipway: done');
    expect(after('quiet')).toBe('');
    expect(after('rawjson')).toBe('');
  });

  it.each<[ProgressMode, boolean, Record<string, string>, string]>([
    ['auto', true, {}, 'tty'],
    ['auto', true, { CI: 'true' }, 'plain'],
    ['auto', true, { CI: 'false' }, 'tty'],
    ['auto', true, { GITHUB_ACTIONS: 'true' }, 'plain'],
    ['auto', true, { TERM: 'dumb' }, 'plain'],
    ['auto', false, {}, 'plain'],
    ['tty', true, { CI: 'true' }, 'tty'],
    ['tty', false, {}, 'plain'],
    ['plain', true, {}, 'plain'],
    ['rawjson', true, {}, 'rawjson'],
  ])('%s on a terminal (%s) with %j is %s', (mode, isTTY, env, expected) => {
    expect(chooseMode({ mode, stream: { isTTY, write: () => true }, env })).toBe(expected);
  });
});
