import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

const scratch = mkdtempSync(join(tmpdir(), 'slipway-launcher-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], env: Record<string, string> = {}): Outcome {
  return spawnSync(command, args, { cwd: scratch, encoding: 'utf8', env: { ...process.env, ...env } });
}

/** A directory of stand-ins to put in front of PATH. */
function standIns(name: string, programs: Readonly<Record<string, string>>): string {
  const directory = join(scratch, name);
  mkdirSync(directory);
  for (const [program, script] of Object.entries(programs)) {
    writeFileSync(join(directory, program), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, program), 0o755);
  }
  return directory;
}

describe('bin/slipway', () => {
  const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as { version: string };

  it('runs from another directory, also where PATH holds no node', () => {
    const { status, stdout } = run(join(PROJECT_ROOT, 'bin', 'slipway'), ['--version'], { PATH: '/usr/bin:/bin' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `slipway ${version}\n` });
  });

  it('runs through a chain of relative and absolute links', () => {
    symlinkSync(join(PROJECT_ROOT, 'bin', 'slipway'), join(scratch, 'absolute'));
    symlinkSync('absolute', join(scratch, 'relative'));
    expect(run(join(scratch, 'relative'), ['--version']).stdout).toBe(`slipway ${version}\n`);
    expect(run('./relative', ['--version']).stdout).toBe(`slipway ${version}\n`);
  });

  it('hands words on as they are, and the exit code back', () => {
    const { status, stderr } = run(join(PROJECT_ROOT, 'bin', 'slipway'), ['two words', '--x=*']);
    expect(status).toBe(2);
    expect(stderr).toContain('two words');
  });

  it.each([
    ['no node', 'exit 127'],
    ['a node that cannot run TypeScript', 'echo v20.20.2'],
    ['a node before `using`', 'echo v22.22.0'],
  ])('with %s in a bare checkout says what to run', (name, script) => {
    const checkout = join(scratch, `checkout ${name}`);
    mkdirSync(join(checkout, 'bin'), { recursive: true });
    mkdirSync(join(checkout, 'node_modules'));
    copyFileSync(join(PROJECT_ROOT, 'bin', 'slipway'), join(checkout, 'bin', 'slipway'));
    const programs = standIns(`programs ${name}`, { node: script });
    const { status, stderr } = run(join(checkout, 'bin', 'slipway'), ['--version'], {
      PATH: `${programs}:/usr/bin:/bin`,
    });
    expect(status).toBe(3);
    expect(stderr).toContain(`npm --prefix '${join(checkout, 'bin')}/..' ci`);
  });
});

describe('the bundle', () => {
  it('needs nothing but Node', () => {
    const output = join(scratch, 'dist');
    const rolldown = join(PROJECT_ROOT, 'node_modules', '.bin', 'rolldown');
    const config = join(PROJECT_ROOT, 'rolldown.config.ts');
    const built = spawnSync(rolldown, ['--config', config, '--dir', output], { cwd: PROJECT_ROOT, encoding: 'utf8' });
    expect(built.stderr).toBe('');
    const files = readdirSync(output, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
    const foreign = files.flatMap((file) =>
      [...readFileSync(join(output, file), 'utf8').matchAll(/^(?:import|export)\b[^;'"]*?from\s*"([^"]+)"/gm)]
        .map((match) => match[1] ?? '')
        .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:')),
    );
    expect(foreign).toEqual([]);
    expect(files.length).toBeGreaterThan(5);
    expect(files).toEqual(expect.arrayContaining(['main.js', 'index.js']));
  });
});

describe('scripts/test', () => {
  const script = join(PROJECT_ROOT, 'scripts', 'test');

  it('prints one command and ends with 3 where it can not be root', () => {
    const programs = standIns('not root', { id: 'echo 1000', sudo: 'exit 1' });
    const { status, stderr } = run(script, ['e2e'], { PATH: `${programs}:${process.env['PATH']}` });
    expect(status).toBe(3);
    expect(stderr).toMatch(/^ {2}sudo \S+$/m);
  });

  it('refuses an unknown suite, and shows help without setting anything up', () => {
    expect(run(script, ['e3e'])).toMatchObject({ status: 2, stderr: expect.stringContaining('`e3e`') as string });
    expect(run(script, ['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('contract') as string });
  });
});
