import { describe, expect, it } from 'vitest';
import { readMakeCommand, type MakeCommandLine } from '../../../../src/golang/makefile/read-make-command.ts';
import { readCommands } from '../../../../src/shell/read-commands.ts';

function read(script: string): MakeCommandLine | undefined {
  const command = readCommands(script, { cwd: '/src' }).commands.at(-1);
  return command && readMakeCommand(command);
}

describe('readMakeCommand', () => {
  it.each([
    ['make', { directory: '/src', targets: [], isDryRun: false, isComplete: true }],
    ['make linux test', { targets: ['linux', 'test'] }],
    ['make -C sub -f x.mk -j4 all', { directory: '/src/sub', file: 'x.mk', targets: ['all'] }],
    ['make -j 4 all -k', { targets: ['all'] }],
    ['make -j all', { targets: ['all'] }],
    ['make -sC sub all', { directory: '/src/sub', targets: ['all'] }],
    ['make --directory=sub --file x.mk', { directory: '/src/sub', file: 'x.mk' }],
    ['make -C a -C b', { directory: '/src/a/b' }],
    ['cd a && gmake', { directory: '/src/a' }],
    ['make -C "$D"', { directory: undefined }],
    ['make -n all', { isDryRun: true }],
    ['make --version', { isDryRun: true }],
    ['make $TARGET', { isComplete: false }],
  ])('reads `%s`', (script, expected) => {
    expect(read(script)).toMatchObject(expected);
  });

  it('reads variables, also those with an unknown value', () => {
    const line = read('make linux A=1 B:="x y" V=$(git describe)');
    expect([...(line?.variables ?? [])]).toEqual([
      ['A', '1'],
      ['B', 'x y'],
      ['V', '\uE000'],
    ]);
    expect(line?.isComplete).toBe(true);
  });

  it('leaves other commands alone', () => {
    expect(read('cmake ..')).toBeUndefined();
  });
});
