import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buildOracle } from '../../helpers/go-oracle.ts';

export interface OracleRequest {
  readonly text: string;
  readonly evaluate?: boolean;
  readonly target?: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly targetPlatform?: string;
}

export interface OracleInstruction {
  readonly keyword: string;
  readonly args: readonly string[];
  readonly flags: readonly string[];
  readonly json: boolean;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly heredocs: readonly {
    readonly name: string;
    readonly expand: boolean;
    readonly chomp: boolean;
    readonly fileDescriptor: number;
    readonly content: string;
  }[];
  readonly child?: OracleInstruction;
}

export interface OracleRun {
  readonly line: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: string;
  readonly caches: readonly {
    readonly id: string;
    readonly target: string;
    readonly selector: string;
    readonly readOnly: boolean;
  }[];
}

export interface OracleAnswer {
  readonly syntax: string;
  readonly error?: {
    readonly phase: 'parse' | 'instruction' | 'graph';
    readonly line: number;
    readonly message: string;
  };
  readonly escape?: string;
  readonly instructions?: readonly OracleInstruction[];
  readonly graph?: { readonly runs: readonly OracleRun[]; readonly images: readonly string[] };
}

/** BuildKit's answers, in the order of the requests. */
export async function askBuildKit(requests: readonly OracleRequest[]): Promise<readonly OracleAnswer[]> {
  // BuildKit's word reader complains of NUL characters on stderr; they are part of the test.
  const child = spawn(await buildOracle('dockerfile'), { stdio: ['pipe', 'pipe', 'ignore'] });
  const closed = once(child, 'close');
  const answers: OracleAnswer[] = [];
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line) as OracleAnswer);
  })();
  for (const request of requests) {
    if (!child.stdin.write(`${JSON.stringify(request)}\n`)) await Promise.race([once(child.stdin, 'drain'), closed]);
  }
  child.stdin.end();
  await reading;
  const [code] = (await closed) as [number];
  if (code !== 0 || answers.length !== requests.length) {
    throw new Error(`the oracle gave ${answers.length} answers to ${requests.length} files and exit code ${code}`);
  }
  return answers;
}
