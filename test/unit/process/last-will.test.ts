import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { processesOf } from '../../helpers/left-overs.ts';
import { PROJECT_ROOT } from '../../helpers/tools.ts';

// Programs are started, on machines that have other things to do.
vi.setConfig({ testTimeout: 60_000 });

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-will-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const read = (): string => path.join(directory, 'read');

/** A program that leaves a will, whose command keeps what it reads, and then does something; answers what it printed, when nobody holds its output any more. */
async function programThat(does: string, command = `cat > ${read()}.part && mv ${read()}.part ${read()}`) {
  const code = `
    const { leaveWill } = await import(${JSON.stringify(path.join(PROJECT_ROOT, 'src/process/last-will.ts'))});
    const command = ['/bin/sh', '-c', ${JSON.stringify(command)}];
    const will = leaveWill({ command, env: process.env }, () => console.log('not started'));
    ${does}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [exitCode, signalName] = (await once(child, 'close')) as [number | null, string | null];
  return { exitCode, signalName, printed };
}

const KILL = "process.kill(process.pid, 'SIGKILL');";

async function untilNobodyWaits(): Promise<void> {
  while ((await processesOf(directory)).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a last will', () => {
  it('is read when its process is killed, line by line as it was written', async () => {
    const lines = ['{"a \\\\n": "$HOME `id` %s \\\\"}', '  second  ', 'ä'];
    const ended = await programThat(`for (const line of ${JSON.stringify(lines)}) will.add(line); ${KILL}`);
    expect(ended.signalName).toBe('SIGKILL');
    await untilNobodyWaits();
    expect(await readFile(read(), 'utf8')).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  it('is read when its process ends without taking it back, which it does not keep from ending', async () => {
    expect((await programThat("will.add('one');")).exitCode).toBe(0);
    await untilNobodyWaits();
    expect(await readFile(read(), 'utf8')).toBe('one\n');
  });

  it('is not read when it was taken back, also right before the end, and what comes later is no part of it', async () => {
    const ended = await programThat(`will.add('one'); will.revoke(); will.add('two'); console.log('fine'); ${KILL}`);
    expect(ended.printed).toBe('fine\n');
    await untilNobodyWaits();
    expect(existsSync(read())).toBe(false);
  });

  it('is none as long as its first line is not whole, and without a line', async () => {
    for (const does of ["will.add('x'.repeat(4_000_000));", '']) {
      await programThat(`${does} ${KILL}`);
      await untilNobodyWaits();
      expect(existsSync(read())).toBe(false);
    }
  });

  it('outlives the group of its process', async () => {
    await programThat("will.add('one'); process.kill(0, 'SIGKILL');");
    await untilNobodyWaits();
    expect(await readFile(read(), 'utf8')).toBe('one\n');
  });

  it('holds nobody up who reads what the process prints', async () => {
    const hold = path.join(directory, 'hold');
    await writeFile(hold, '');
    await programThat(`will.add('one'); ${KILL}`, `while [ -e ${hold} ]; do sleep 0.1; done`);
    expect(await processesOf(hold)).not.toEqual([]);
    await rm(hold);
    await untilNobodyWaits();
  });
});
