import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createScreen } from '../helpers/screen.ts';
import { toolPath } from '../helpers/tools.ts';

interface PtyRun {
  readonly output: string;
  readonly lines: readonly string[];
  readonly isCursorHidden: boolean;
}

/** Plays a recorded build in a real pseudo terminal of the given size, and gives what its screen shows at the end. */
function playInPty(options: { columns: number; rows: number; what?: string; env?: Record<string, string> }): PtyRun {
  const { columns, rows, what = 'whole' } = options;
  const player = fileURLToPath(new URL('../helpers/play-progress.ts', import.meta.url));
  const command = `stty cols ${columns} rows ${rows} && ${process.execPath} ${player} ${what}`;
  const { CI: _ci, GITHUB_ACTIONS: _actions, NO_COLOR: _no, FORCE_COLOR: _force, ...plain } = process.env;
  const { stdout, status } = spawnSync(toolPath('script'), ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    env: { ...plain, TERM: 'xterm-256color', ...options.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(status).toBe(what === 'cut' ? 130 : 0);
  const screen = createScreen(columns, rows);
  screen.write(stdout);
  return { output: stdout, lines: screen.lines(), isCursorHidden: screen.isCursorHidden };
}

describe('progress in a real terminal', () => {
  it.each([
    [120, 40],
    [50, 10],
    [30, 6],
  ])('ends with one line per step at %i x %i', (columns, rows) => {
    const { lines, isCursorHidden, output } = playInPty({ columns, rows });
    expect(isCursorHidden).toBe(false);
    expect(output).toContain('\u001b[?25l');
    expect(output).toMatch(/\u001b\[\d+A/);
    expect(lines.filter((line) => line.startsWith(' =>'))).toHaveLength(8);
    expect(lines.filter((line) => line.startsWith('slipway r'))).toHaveLength(1);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines.at(-1)).toBe('slipway: 27.0 MB down');
  });

  it('shows the log of a failed step', () => {
    const { lines } = playInPty({ columns: 300, rows: 30, what: 'failing' });
    expect(lines.join('\n')).toMatch(/\n------\n > \[stage-2 2\/2\] RUN .*\n\d\.\d{3} fetch 99%\n/);
  });

  it('gives the cursor back when the process ends in the middle', () => {
    const { output, isCursorHidden } = playInPty({ columns: 80, rows: 20, what: 'cut' });
    expect(output).toContain('\u001b[?25l');
    expect(isCursorHidden).toBe(false);
  });

  it('prints plain lines without cursor moves in CI', () => {
    const { output } = playInPty({ columns: 80, rows: 20, env: { CI: 'true' } });
    expect(output).not.toContain('\u001b[');
    expect(output).toContain('#5 DONE');
  });
});
