import type { StageRun } from './evaluate-build.ts';
import type { MountKind } from '../core/mount-kind.ts';
import { isMounted, matchGoMounts } from './match-mounts.ts';
import { isGolangImage } from './stage-state.ts';
import { stagePlatform } from './stage-graph.ts';
import type { GoCompile, GoMount } from './types.ts';

/** The Go cache mounts of all RUNs, each identity and kind once; where one of several is writable, that one. */
export function collectMounts(runs: readonly StageRun[]): readonly GoMount[] {
  const mounts = new Map<string, GoMount>();
  for (const { stage, facts } of runs) {
    for (const { kind, mount, subdirectory } of matchGoMounts(facts)) {
      const { namespace, id, from, source, uid, gid, mode } = mount.identity;
      const key = JSON.stringify([kind, namespace, id, from, source, uid, gid, mode]);
      const known = mounts.get(key);
      if (known !== undefined && !(known.readOnly && !mount.readOnly)) continue;
      mounts.set(key, {
        kind,
        identity: mount.identity,
        target: mount.target,
        subdirectory,
        readOnly: mount.readOnly,
        line: facts.step.line,
        stageIndex: stage.index,
        stageName: stage.name,
        baseImage: facts.state.baseImage,
        user: userOf(facts.state.user),
        platform: stagePlatform(stage),
      });
    }
  }
  return [...mounts.values()];
}

/** One entry for each RUN that compiles Go. A `make` or a script counts where the stage has to do with Go. */
export function collectCompiles(runs: readonly StageRun[]): readonly GoCompile[] {
  const compiles: GoCompile[] = [];
  for (const { stage, facts } of runs) {
    const isGo = isGoStage(runs, stage);
    const found =
      facts.commands.find(({ kind }) => kind === 'compile') ??
      (isGo ? facts.commands.find(({ kind }) => kind === 'opaque') : undefined);
    if (found === undefined) continue;
    const goCache = locate(facts, found, 'gocache');
    const goModCache = locate(facts, found, 'gomodcache');
    compiles.push({
      line: facts.step.line,
      stageIndex: stage.index,
      command: found.command.text,
      goCache: goCache.path,
      goModCache: goModCache.path,
      hasGoCacheMount: goCache.hasMount,
      hasGoModCacheMount: goModCache.hasMount,
    });
  }
  return compiles;
}

/** What GOPRIVATE is where something runs: by ENV and ARG, by `go env -w`, or before a command. */
export function collectGoPrivate(runs: readonly StageRun[]): readonly string[] {
  const found = runs.flatMap(({ facts }) =>
    [facts.state, ...facts.commands.map(({ command }) => command)].map(
      ({ env, goEnv }) => env.get('GOPRIVATE') ?? goEnv.get('GOPRIVATE') ?? '',
    ),
  );
  return [...new Set(found.filter((value) => value !== ''))];
}

type Facts = StageRun['facts'];

/** Where a cache is for a command: as set, else where a mount at a well-known path says, else Go's default. */
function locate(
  facts: Facts,
  command: Facts['commands'][number],
  kind: MountKind,
): { path: string | undefined; hasMount: boolean } {
  const directory = kind === 'gocache' ? command.goCache : command.goModCache;
  if (directory.isSet || isMounted(directory, facts.cacheMounts)) {
    return { path: directory.path, hasMount: isMounted(directory, facts.cacheMounts) };
  }
  const match = matchGoMounts(facts).find((each) => each.kind === kind);
  return { path: match?.mount.target ?? directory.path, hasMount: match !== undefined };
}

/** An empty USER is root for BuildKit. */
function userOf(user: string | undefined): string | undefined {
  return user === '' ? 'root' : user;
}

const GO_VARIABLES = [
  'GOPATH',
  'GOCACHE',
  'GOMODCACHE',
  'GOFLAGS',
  'GOPROXY',
  'GOOS',
  'GOARCH',
  'CGO_ENABLED',
  'GOROOT',
  'GO111MODULE',
];

function isGoStage(runs: readonly StageRun[], stage: StageRun['stage']): boolean {
  return runs.some(({ stage: other, facts }) => {
    if (other !== stage) return false;
    const { baseImage, env } = facts.state;
    if (baseImage !== undefined && isGolangImage(baseImage)) return true;
    if (GO_VARIABLES.some((name) => env.has(name)) || env.get('PATH')?.includes('/go/bin') === true) return true;
    return facts.commands.some(({ kind }) => kind !== 'opaque') || matchGoMounts(facts).length > 0;
  });
}
