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
  /** What the progress calls it. */
  readonly name: string;
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

/** BuildKit's answers, in the order of the requests. A judge that dies is asked once more: what kills it each time still fails. */
export async function askBuildKit(requests: readonly OracleRequest[]): Promise<readonly OracleAnswer[]> {
  try {
    return await askOnce(requests);
  } catch (error) {
    process.stderr.write(`asked once more: ${String(error)}\n`);
    return askOnce(requests);
  }
}

async function askOnce(requests: readonly OracleRequest[]): Promise<readonly OracleAnswer[]> {
  const child = spawn(await buildOracle('dockerfile'), { stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  // One that died is told below, with how it died.
  child.stdin.on('error', () => {});
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    // BuildKit's word reader complains of NUL characters, which are part of the test; what it says last is kept.
    words = `${words}${chunk.toString()}`.slice(-4000);
  });
  const lines: string[] = [];
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  })();
  for (const request of requests) {
    // `once` rejects by an error too, whose reason is told below.
    if (!child.stdin.write(`${JSON.stringify(request)}\n`)) {
      await Promise.race([once(child.stdin, 'drain').catch(() => closed), closed]);
    }
  }
  child.stdin.end();
  await reading;
  const [code, signal] = await closed;
  if (code !== 0 || lines.length !== requests.length) {
    const how = signal === null ? `exit code ${code}` : `the end by ${signal}`;
    throw new Error(`the oracle gave ${lines.length} answers to ${requests.length} files, and ${how}:\n${words}`);
  }
  return lines.map((line) => JSON.parse(line) as OracleAnswer);
}
