import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROJECT_ROOT } from './tools.ts';

const PRELOAD = pathToFileURL(path.join(import.meta.dirname, 'crash-preload.ts')).href;

export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signalName: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Runs a program of ours from source, killed at a step (see crash-preload.ts), or only traced. */
export function runProgramUntil(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ProgramEnd> {
  const child = spawn(process.execPath, ['--import', PRELOAD, path.join(PROJECT_ROOT, script), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signalName) => resolve({ exitCode, signalName, stderr }));
  });
}

/** The steps that a traced run wrote down. */
export async function readTrace(file: string): Promise<readonly string[]> {
  return (await readFile(file, 'utf8')).trim().split('\n');
}
