import type { Check, Configuration, Said } from '../types.ts';

export const configCheck: Check = {
  id: 'config',
  looksAt: 'the configuration: its file, misspelt variables, whether a store is named that other machines reach',
  run: async ({ configuration }) => judgeConfiguration(configuration),
};

/** The pure part of the check. */
export function judgeConfiguration(configuration: Configuration): readonly Said[] {
  const { problem, warnings } = configuration;
  const said: Said[] = warnings.map((says) => ({ level: 'warning', says }));
  if (problem !== undefined) {
    const hint = problem.hint === undefined ? '' : `. ${problem.hint}`;
    said.push({ level: 'error', says: `${problem.message}${hint}`, mend: 'slipway config show' });
  }
  const store = judgeStoreChoice(configuration);
  return store === undefined ? said : [...said, store];
}

function judgeStoreChoice({ file, problem, isStoreDefault, isCi }: Configuration): Said | undefined {
  if (problem !== undefined) return undefined;
  if (!isStoreDefault) return { level: 'ok', says: file === undefined ? 'by flags and variables' : `${file} is read` };
  const says = file === undefined ? 'there is no .slipway.yaml, and no store is named' : `${file} names no store`;
  if (!isCi) return { level: 'info', says: `${says}: snapshots stay in a directory of this machine` };
  return {
    level: 'warning',
    says: `${says}: what a CI job saves in a directory of its runner is gone with the runner, and every job starts cold`,
    mend: 'echo \'store: ["type=registry,ref=registry.example.com/app/cache"]\' >> .slipway.yaml',
  };
}
