import { unlessCertain } from '../confidence.ts';
import { removeCommand, removeWords } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { RunStep } from '../facts/step.ts';
import { readCacheWipes, type CacheWipe, type CommandWipes } from '../reading/cache-wipes.ts';
import { commandName } from '../reading/command-name.ts';
import { isInImage } from '../reading/image-use.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const cleanedCacheInBuild: BuildRule = {
  id: 'cleaned-cache-in-build',
  number: 10,
  subject: 'build',
  group: 'cache',
  severity: 'high',
  fix: 'safe',
  summary: 'a Go cache that the next build needs is deleted',
  check: (build) => build.runs.flatMap((run) => run.commands.flatMap((command) => checkCommand(build, run, command))),
};

function checkCommand(build: ImageBuild, run: RunStep, command: CommandFacts): readonly Problem[] {
  const read = readCacheWipes(run, command);
  const wipes = read.wipes.map((wipe) => ({ wipe, mount: mountOf(run, command, wipe) }));
  const [worst] = wipes.filter(({ wipe, mount }) => mount !== undefined && wipe.kind !== 'tests');
  const fix = fixOf(build, { run, command, read, mounts: wipes.map(({ mount }) => mount) });
  const place = { file: command.file, range: run.isTrigger ? run.range : command.range };
  if (worst?.mount !== undefined) {
    const message = `${commandName(command)} empties the cache mount on \`${worst.mount.target ?? ''}\` for every build that shares it`;
    const cost = 'the next build starts cold, however warm the mount was';
    return [unlessCertain(command.isAlwaysRun, { ...place, severity: 'high', message, cost, ...(fix && { fix }) })];
  }
  if (wipes.length === 0 || isInImage(build, run.stage)) return [];
  if (wipes.every(({ wipe }) => wipe.kind === 'tests')) {
    if (wipes.every(({ mount }) => mount === undefined)) return [];
    const message = `${commandName(command)} makes Go run tests again whose results are in the cache mount`;
    return [{ ...place, severity: 'low', message, cost: 'every test runs in each build', ...(fix && { fix }) }];
  }
  if (!isFilledBefore(run, command)) return [];
  const kinds = new Set(read.wipes.map(({ kind }) => kind));
  const needing = neededBy(build, run, { command, kinds });
  const message =
    needing === undefined
      ? `${commandName(command)} makes no image smaller, as no image is made of this stage`
      : `${commandName(command)} deletes what ${commandName(needing)} below it would take from this layer`;
  const cost = needing === undefined ? 'time in each build' : 'packages or modules are fetched and compiled twice';
  const severity = needing === undefined ? 'low' : 'high';
  return [unlessCertain(command.isAlwaysRun, { ...place, severity, message, cost, ...(fix && { fix }) })];
}

/** The cache mount that is emptied, if one is. */
function mountOf(run: RunStep, { go }: CommandFacts, { kind, path }: CacheWipe): MountFacts | undefined {
  const own = kind === 'gomodcache' ? go?.goModCache : go?.goCache;
  const used = run.commands.flatMap((each) => {
    const use = kind === 'gomodcache' ? each.go?.goModCache : each.go?.goCache;
    return use?.mount === undefined ? [] : [use.mount];
  });
  if (path === undefined) return own?.mount ?? used[0];
  const isHit = (target: string): boolean => isWithin(target, path) || isWithin(path, target);
  return used.find(({ target }) => target !== undefined && isHit(target));
}

/** Did something of the project come into the caches before? Tools by version are done when they are installed. */
function isFilledBefore(run: RunStep, command: CommandFacts): boolean {
  const earlier = run.stage.chain.flatMap(({ steps }) => steps).filter((step) => step.kind === 'run');
  const before = earlier.filter((step) => step.stage !== run.stage || step.index < run.index);
  const own = run.commands.slice(0, run.commands.indexOf(command));
  return [...before.flatMap(({ commands }) => commands), ...own].some(
    ({ go }) =>
      (go?.kind === 'compile' || go?.kind === 'download') && !go.packages.some(({ text }) => /@[\w"'$]/.test(text)),
  );
}

interface Wiped {
  readonly command: CommandFacts;
  readonly kinds: ReadonlySet<CacheWipe['kind']>;
}

/** The next command that uses one of the caches of this layer. */
function neededBy(build: ImageBuild, run: RunStep, { command, kinds }: Wiped): CommandFacts | undefined {
  const later = build.runs.filter(
    (each) => each.stage.chain.includes(run.stage) && build.runs.indexOf(each) > build.runs.indexOf(run),
  );
  const own = run.commands.slice(run.commands.indexOf(command) + 1);
  return [...own, ...later.flatMap(({ commands }) => commands)].find(({ go }) => {
    if (go?.kind !== 'compile' && go?.kind !== 'download') return false;
    const needsModules = kinds.has('gomodcache') && go.goModCache.mount === undefined;
    return needsModules || (kinds.has('gocache') && go.kind === 'compile' && go.goCache.mount === undefined);
  });
}

interface Wiping {
  readonly run: RunStep;
  readonly command: CommandFacts;
  readonly read: CommandWipes;
  readonly mounts: readonly (MountFacts | undefined)[];
}

function fixOf(build: ImageBuild, { run, command, read, mounts }: Wiping): Fix | undefined {
  if (command.file !== build.file || run.isTrigger || read.wipes.length === 0) return undefined;
  const words = [...new Set(read.wipes.map(({ word }) => word))];
  const edits = read.isAll ? removeCommand(build, run, command) : removeWords(command, words);
  // In an image, what lies beside a mount would stay.
  const isOnlyMount = read.wipes.every(({ path }, index) => {
    const target = mounts[index]?.target;
    return target !== undefined && (path === undefined || isWithin(path, target));
  });
  const isSafe = isOnlyMount || !isInImage(build, run.stage);
  return (
    edits && {
      isSafe,
      title: `Remove \`${read.isAll ? command.text : words.map(({ text }) => text).join(' ')}\``,
      edits,
    }
  );
}
