import { compareGoVersions } from '../../golang/module/go-version.ts';
import { addMount } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { readCacheWipes } from '../reading/cache-wipes.ts';
import { commandName } from '../reading/command-name.ts';
import { mountFor } from '../reading/go-mounts.ts';
import { mayRunGoLater } from '../reading/image-use.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const gocacheInImageLayer: BuildRule = {
  id: 'gocache-in-image-layer',
  number: 11,
  subject: 'build',
  group: 'cache',
  severity: 'medium',
  fix: 'unsafe',
  summary: 'a stage of the image compiles, and the build cache stays in its layer',
  check: (build) =>
    build.targetOrigin === 'leaf'
      ? []
      : build.runs.filter(({ stage }) => build.target.chain.includes(stage)).flatMap((run) => checkRun(build, run)),
};

function checkRun(build: ImageBuild, run: RunStep): readonly Problem[] {
  const command = run.commands.find((each) => leavesCache(run, each));
  const path = command?.go?.goCache.path;
  // Where Go is run in the image, a warm cache may be what it is for.
  if (command === undefined || path === undefined || mayRunGoLater(build, run.stage)) return [];
  return [
    {
      file: build.file,
      range: command.file === build.file && !run.isTrigger ? command.range : run.node.keywordRange,
      message: `${commandName(command)} leaves GOCACHE \`${path}\` in a layer of the image, as the image is made of this stage`,
      cost: 'every pull carries the compiled packages along',
      fix: fixOf(build, run, command),
    },
  ];
}

function leavesCache(run: RunStep, command: CommandFacts): boolean {
  const { go } = command;
  if (go?.kind !== 'compile' || go.goCache.mount !== undefined || go.goCache.bind !== undefined) return false;
  const { path } = go.goCache;
  const { goVersion } = run.stage.image ?? {};
  // Go 1.10 brought GOCACHE.
  if (goVersion !== undefined && compareGoVersions(goVersion, '1.10') < 0) return false;
  if (path === undefined || path.startsWith('/dev/') || command.env.get('GOCACHE') === 'off') return false;
  if (run.mounts.some(({ target }) => target !== undefined && isWithin(path, target))) return false;
  const later = run.commands.slice(run.commands.indexOf(command) + 1);
  return !later.some((each) => readCacheWipes(run, each).wipes.some(({ kind }) => kind === 'gocache'));
}

function fixOf(build: ImageBuild, run: RunStep, command: CommandFacts): Fix | undefined {
  const mount = mountFor(build, command, 'gocache');
  const { user } = run.before;
  const isRoot = user === undefined || /^(?:root|0)(?::|$)/.test(user);
  if (mount === undefined || run.isTrigger || (!isRoot && !mount.includes('uid='))) return undefined;
  return { isSafe: false, title: 'Compile with GOCACHE in a mount', edits: [addMount(build, run, mount)] };
}
