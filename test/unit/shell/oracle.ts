import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buildOracle } from '../../helpers/go-oracle.ts';

/** Start and end, in bytes. */
type Span = readonly [number, number];

export interface OracleCommand {
  readonly assignments: readonly Span[];
  readonly words: readonly Span[];
  readonly redirects: readonly { readonly operator: string; readonly target: Span; readonly body?: Span }[];
}

export interface OracleAnswer {
  readonly error?: string;
  readonly commands: readonly OracleCommand[] | null;
}

/** What mvdan.cc/sh makes of scripts, in the order of the scripts. */
export async function askShellParser(scripts: readonly string[]): Promise<readonly OracleAnswer[]> {
  const child = spawn(await buildOracle('shell'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const answers: OracleAnswer[] = [];
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line) as OracleAnswer);
  })();
  for (const script of scripts) {
    if (!child.stdin.write(`${JSON.stringify(script)}\n`)) await Promise.race([once(child.stdin, 'drain'), closed]);
  }
  child.stdin.end();
  await reading;
  const [code] = (await closed) as [number];
  if (code !== 0 || answers.length !== scripts.length) {
    throw new Error(`the oracle gave ${answers.length} answers to ${scripts.length} scripts and exit code ${code}`);
  }
  return answers;
}
