import { spawn } from 'node:child_process';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: 'open',
  linux: 'xdg-open',
  freebsd: 'xdg-open',
};

/** Shows a file in the program that the desktop has for it. False where there is none; its window is not waited for. */
export async function openFile(path: string, env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const opener = OPENERS[process.platform];
  if (opener === undefined) return false;
  const child = spawn(opener, [path], { env, detached: true, stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
