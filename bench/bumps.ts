import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  go,
  type GoModules,
  listBumps,
  type LoadedPackage,
  loadPackages,
  readCheckout,
} from './lib/bumps/go-modules.ts';
import { type BumpVerdict, judgeBump } from './lib/bumps/judge-bump.ts';
import { newTreeStore } from './lib/bumps/tree-store.ts';
import { HEAVY_DIRECTORY } from './lib/project.ts';
import { readZips } from '../test/helpers/read-zips.ts';

const HELP = `How often a dependency bump makes a build run twice, since the new version imports what no stored module tree has: the direct
dependencies of the heavy project, one release at a time, by turns, each on what the builds before it stored. The real go,
releases and planning; nothing is built.

Usage: node bench/bumps.ts [OPTIONS]

Options:
  --most N   Releases of each dependency (default 3)
  --help     This text
`;

const RESULTS = join(import.meta.dirname, 'results', 'bumps.json');

interface BumpResult extends BumpVerdict {
  readonly what: string;
}

const { values } = parseArgs({
  options: { most: { type: 'string', default: '3' }, help: { type: 'boolean', default: false } },
});
if (values.help) process.stdout.write(HELP);
else await measure(Number(values.most));

async function measure(most: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-bumps-'));
  try {
    const host: GoModules = { project: join(directory, 'heavy'), moduleCache: join(directory, 'mod') };
    await cp(HEAVY_DIRECTORY, host.project, { recursive: true });
    const results = await playBumps(host, most);
    await writeFile(RESULTS, `${JSON.stringify({ schemaVersion: 1, bumps: results }, null, 2)}\n`);
    const twice = results.filter(({ lacking }) => lacking.length > 0).length;
    process.stdout.write(`${results.length} bumps, ${twice} of them run twice: ${RESULTS}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function playBumps(host: GoModules, most: number): Promise<readonly BumpResult[]> {
  const store = newTreeStore();
  await loadPackages(host);
  const first = await readCheckout(host);
  store.save(first, await readZips(host.moduleCache, first.sums));
  const bumps = await listBumps(host, most);
  const results: BumpResult[] = [];
  for (let turn = 0; turn < most; turn += 1) {
    for (const { path, versions } of bumps) {
      const version = versions[turn];
      if (version === undefined) continue;
      const what = `${path} ${version}`;
      const bumped = await bump(host, `${path}@${version}`);
      if ('refused' in bumped) {
        process.stderr.write(`${what}: left out: ${bumped.refused}\n`);
        continue;
      }
      const checkout = await readCheckout(host);
      const plan = store.plan(checkout);
      const verdict = judgeBump(plan, bumped.loaded);
      results.push({ what, ...verdict });
      const lacking = new Set(verdict.lacking.map(({ module }) => module));
      const all = await readZips(host.moduleCache, checkout.sums);
      // Go fetches what came as no tree, and for the second run what was closed.
      store.save(
        checkout,
        all.filter(({ directory }) => !plan.covered.has(directory) || lacking.has(directory)),
      );
      const twice = lacking.size === 0 ? '' : `, twice for ${[...lacking].join(', ')}`;
      process.stderr.write(`${what}: ${verdict.asTrees} of ${verdict.loaded} modules as trees${twice}\n`);
    }
  }
  return results;
}

type Bumped = { readonly loaded: readonly LoadedPackage[] } | { readonly refused: string };

/** What the program loads with this version, or why Go refuses it here: the program then stays as it was. */
async function bump(host: GoModules, module: string): Promise<Bumped> {
  const before = join(host.project, '..', 'before');
  await rm(before, { recursive: true, force: true });
  await cp(host.project, before, { recursive: true });
  try {
    await go(host, ['get', module]);
    return { loaded: await loadPackages(host) };
  } catch (error) {
    await rm(host.project, { recursive: true });
    await cp(before, host.project, { recursive: true });
    const lines = ((error as { stderr?: string }).stderr ?? String(error)).trim().split('\n');
    return { refused: lines.at(-1) ?? '' };
  }
}
