import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const CHILD = join(import.meta.dirname, 'official-client-child.ts');

export type OfficialCall =
  /** Paths are relative to the workspace. */
  | { readonly call: 'save'; readonly paths: readonly string[]; readonly key: string }
  | {
      readonly call: 'restore';
      readonly paths: readonly string[];
      readonly key: string;
      readonly restoreKeys?: readonly string[];
    }
  /** The second half alone, with sizes that the first doesn't let one choose. */
  | { readonly call: 'upload-blocks'; readonly url: string; readonly file: string; readonly blockBytes: number }
  | { readonly call: 'download-ranges'; readonly url: string; readonly blockBytes: number };

export interface OfficialAnswer {
  /** The id of the new entry, -1 for none; or the key that matched, null for none; or bytes in base64. */
  readonly result: number | string | null;
  /** What it wrote to the job's log, `::warning::…` and all. */
  readonly log: string;
}

/** `@actions/cache` itself, in a process of its own, with the environment that a job has. */
export async function callOfficialClient(
  call: OfficialCall,
  options: { readonly workspace: string; readonly env: Readonly<Record<string, string>> },
): Promise<OfficialAnswer> {
  const { workspace, env } = options;
  const { stdout, stderr } = await execute(process.execPath, [CHILD, JSON.stringify(call)], {
    cwd: workspace,
    maxBuffer: 64 << 20,
    env: {
      PATH: process.env['PATH'],
      GITHUB_WORKSPACE: workspace,
      RUNNER_TEMP: workspace,
      ACTIONS_CACHE_SERVICE_V2: 'true',
      ...env,
    },
  });
  const result = /^result:(.*)$/m.exec(stdout)?.[1];
  if (result === undefined) throw new Error(`the official client said no result: ${stdout}${stderr}`);
  return { result: JSON.parse(result) as OfficialAnswer['result'], log: stdout + stderr };
}
