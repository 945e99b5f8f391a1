import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readOptional } from '../core/read-optional.ts';
import { askSettings } from './ask-settings.ts';
import type { Inputs } from './inputs.ts';
import { planPrefetch } from './plan-words.ts';
import type { StepContext } from './run-images.ts';
import { CLI } from './run-slipway.ts';
import { tellFault } from './tell-fault.ts';

/** slipway takes at most 5 s to end after a signal. */
const END_MS = 6000;

/** Starts downloads that go on while the steps that follow run. What it says is told by the step that takes over. */
export async function startPrefetch(inputs: Inputs, context: StepContext): Promise<void> {
  const asked = await askSettings(inputs, '.', context);
  if ('fault' in asked) {
    return context.runner.annotate('warning', `Nothing is prefetched: ${tellFault(asked.fault)}`);
  }
  const { directory, pidFile, logFile } = placesOf(context);
  await mkdir(directory, { recursive: true });
  await using log = await open(logFile, 'w');
  const child = spawn(process.execPath, [CLI, ...planPrefetch(inputs, asked.settings)], {
    env: context.env,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await once(child, 'spawn');
  await writeFile(pidFile, String(child.pid));
  child.unref();
  context.runner.say('slipway: downloads have begun; the step that restores takes them over');
}

/**
 * Ends a prefetch that is still at it: whole packs lie where the restore looks for them, and it goes on with half ones, while it
 * fills mounts with the first already. Nothing happens where no prefetch was started.
 */
export async function takeOverPrefetch(context: StepContext): Promise<void> {
  const { pidFile, logFile } = placesOf(context);
  const written = await readOptional(pidFile);
  if (written === undefined) return;
  await rm(pidFile, { force: true });
  const pid = Number(written);
  if (await isPrefetch(pid)) {
    process.kill(pid, 'SIGINT');
    for (let waited = 0; waited < END_MS && (await isPrefetch(pid)); waited += 50) await wait(50);
  }
  await context.runner.quote('slipway prefetch', async () => context.runner.say(await readFile(logFile, 'utf8')));
}

/** A number alone may be another process's by now. */
async function isPrefetch(pid: number): Promise<boolean> {
  const commandLine = await readOptional(`/proc/${pid}/cmdline`);
  return commandLine?.includes(`${basename(CLI)}\0prefetch`) === true;
}

function placesOf({ runner }: StepContext): Readonly<Record<'directory' | 'pidFile' | 'logFile', string>> {
  const directory = join(runner.env['RUNNER_TEMP'] ?? tmpdir(), 'slipway-prefetch');
  return { directory, pidFile: join(directory, 'pid'), logFile: join(directory, 'log') };
}
