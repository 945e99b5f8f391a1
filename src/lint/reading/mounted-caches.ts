import type { MountKind } from '../../core/mount-kind.ts';
import type { ShellWord } from '../../shell/types.ts';
import type { CommandFacts } from '../facts/command.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import type { RunStep, StepFacts } from '../facts/step.ts';
import { goMounts } from './go-mounts.ts';

/** One of Go's caches that a command fills in a mount. */
export interface MountedCache {
  readonly path: string;
  readonly stage: StageFacts;
  readonly run: RunStep;
  readonly command: CommandFacts;
}

/** Those whose place is known. A cache that starts from the files of a stage is left out: they are there without the mount, too. */
export function mountedCaches(build: ImageBuild): readonly MountedCache[] {
  const kinds: readonly MountKind[] = ['gocache', 'gomodcache'];
  return kinds.flatMap((kind) =>
    goMounts(build, kind).flatMap(({ run, command, mount }) => {
      const path = (kind === 'gocache' ? command.go?.goCache : command.go?.goModCache)?.path;
      const fills = command.go?.kind === 'compile' || (command.go?.kind === 'download' && kind === 'gomodcache');
      return path === undefined || !fills || mount.values.from !== '' ? [] : [{ path, stage: run.stage, run, command }];
    }),
  );
}

/** Is it the cache, something in it, or the directory around it that has nothing else? */
export function isInCache(value: string, { path }: Pick<MountedCache, 'path'>): boolean {
  const clean = value.replace(/(?<=.)\/(?:\*|\.)?$/, '');
  return isWithin(clean, path) || (/\/(?:pkg|\.cache)$/.test(clean) && isWithin(path, clean));
}

/** The first word of the cache that a command reads: of `cp a b`, `b` is written. */
export function readWord({ words, program }: CommandFacts, cache: MountedCache): ShellWord | undefined {
  if (!READERS.has(program)) return undefined;
  const last = WRITES_LAST.has(program) ? words.length - 1 : words.length;
  const behindFlag = (value: string): string => value.replace(/^-{1,2}[\w-]*=?(?=\/)/, '');
  return words.slice(1, last).find(({ value }) => value !== undefined && isInCache(behindFlag(value), cache));
}

const WRITES_LAST: ReadonlySet<string> = new Set(['cp', 'mv', 'ln', 'install', 'rsync']);

/** Programs that fail, or do nothing, without what they are to read. */
const READERS: ReadonlySet<string> = new Set([
  ...WRITES_LAST,
  ...[
    'cat',
    'ls',
    'find',
    'tar',
    'zip',
    'cd',
    'protoc',
    'buf',
    'sh',
    'bash',
    'sed',
    'grep',
    'head',
    'du',
    'diff',
    'patch',
  ],
]);

/** Do steps put files there without the mount: Go, a COPY, a script that isn't known, a command that names the directory? */
export function isFilledWithoutMount(steps: readonly StepFacts[], cache: MountedCache): boolean {
  const { path } = cache;
  return steps.some((step) => {
    if (step.kind === 'copy' || step.kind === 'add') {
      if (step.destination === undefined || isWithin(step.destination, path)) return true;
      return step.from !== undefined && isWithin(path, step.destination);
    }
    if (step.kind !== 'run') return false;
    if (step.mounts.some(({ target }) => target !== undefined && isWithin(path, target))) return false;
    if (step.notFollowed.length > 0) return true;
    return step.commands.some((command) => {
      if (command.isOpaque || fillsCache(command)) return true;
      return command.argv.some((word) => word.includes(path)) && readWord(command, cache) === undefined;
    });
  });
}

/** Go itself, which downloads or compiles what it doesn't find. */
export function fillsCache({ go }: CommandFacts): boolean {
  return go?.kind === 'compile' || go?.kind === 'download' || go?.kind === 'query';
}
