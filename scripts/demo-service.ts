import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Answer {
  readonly path: string;
  readonly text: string;
}

/** Starts the example service on free ports, asks it for each path, and ends it. */
export async function askService(program: string, paths: readonly string[], signal: AbortSignal): Promise<Answer[]> {
  const child = spawn(program, ['-http', '127.0.0.1:0', '-grpc', '127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`\`${program}\` ended with ${code} before it listened`)));
      // Its log is JSON, one object a line: {"msg":"listening","http":"127.0.0.1:PORT",…}
      createInterface({ input: child.stderr }).on('line', (line) => {
        const entry = JSON.parse(line) as { msg?: string; http?: string };
        if (entry.msg === 'listening' && entry.http !== undefined) resolve(entry.http);
      });
    });
    const answers: Answer[] = [];
    for (const path of paths) {
      const response = await fetch(`http://${address}${path}`, { signal });
      if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
      answers.push({ path, text: await response.text() });
    }
    return answers;
  } finally {
    child.kill('SIGTERM');
  }
}
