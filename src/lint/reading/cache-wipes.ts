import type { MountKind } from '../../core/mount-kind.ts';
import { isSwitchedOn } from '../../dockerfile/go-command/read-go-command.ts';
import type { ShellWord } from '../../shell/types.ts';
import type { CommandFacts } from '../facts/command.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { RunStep } from '../facts/step.ts';

/** One cache that a command deletes. */
export interface CacheWipe {
  /** `tests`: what `go clean -testcache` makes invalid. */
  readonly kind: MountKind | 'tests';
  /** What is deleted, in the file's words: `-modcache`, `/root/.cache`. */
  readonly word: ShellWord;
  /** For `rm`, without `/*`; undefined when it isn't known. */
  readonly path: string | undefined;
}

/** What a command deletes of Go's caches, and whether it does nothing else. `go clean` alone leaves them. */
export function readCacheWipes(run: RunStep, command: CommandFacts): CommandWipes {
  if (command.go?.kind === 'clean') return readGoClean(command);
  return command.program === 'rm' ? readRemoval(run, command) : NOTHING;
}

export interface CommandWipes {
  readonly wipes: readonly CacheWipe[];
  /** Without them, nothing would be left of the command. */
  readonly isAll: boolean;
}

const NOTHING: CommandWipes = { wipes: [], isAll: false };

const FLAGS: Readonly<Record<string, CacheWipe['kind']>> = {
  cache: 'gocache',
  modcache: 'gomodcache',
  testcache: 'tests',
  fuzzcache: 'tests',
};

function readGoClean({ go }: CommandFacts): CommandWipes {
  if (go === undefined || isSwitchedOn(go, 'n')) return NOTHING;
  const wipes = go.flags.flatMap(({ name, words: [word] }) => {
    const kind = Object.hasOwn(FLAGS, name) && isSwitchedOn(go, name) ? FLAGS[name] : undefined;
    return kind === undefined || word === undefined ? [] : [{ kind, word, path: undefined }];
  });
  const others = go.flags.filter(({ name }) => !Object.hasOwn(FLAGS, name) && name !== 'x');
  return { wipes, isAll: others.length === 0 && go.packages.length === 0 };
}

function readRemoval(run: RunStep, { words }: CommandFacts): CommandWipes {
  const flags = words.slice(1).filter(({ text }) => text.startsWith('-'));
  const operands = words.slice(1).filter(({ text }) => !text.startsWith('-'));
  if (!flags.some(({ text }) => /^-\w*[rR]|^--recursive$/.test(text))) return NOTHING;
  const wipes = operands.flatMap((word) => wipesOf(run, word));
  const wiping = new Set(wipes.map(({ word }) => word));
  return { wipes, isAll: operands.every((word) => wiping.has(word)) };
}

/** `$GOCACHE`, `"$(go env GOMODCACHE)"`, `/root/.cache/*`, `~/go/pkg`: a cache, or what it lies in. */
function wipesOf(run: RunStep, word: ShellWord): readonly CacheWipe[] {
  const named = /\b(?<name>GOCACHE|GOMODCACHE)\b|\bGOPATH\b[)}"]*\/pkg\b/.exec(word.text);
  const path = plainPath(word.value);
  if (path === undefined || path.includes('$')) {
    if (named === null) return [];
    return [{ kind: named.groups?.['name'] === 'GOCACHE' ? 'gocache' : 'gomodcache', word, path: undefined }];
  }
  if (path === '/' || !path.startsWith('/')) return [];
  return (['gocache', 'gomodcache'] as const).flatMap((kind) => {
    const paths = cachePaths(run, kind);
    return paths.some((cache) => isWithin(cache, path)) ? [{ kind, word, path }] : [];
  });
}

function plainPath(value: string | undefined): string | undefined {
  return value?.replace(/^~(?=\/)/, '/root').replace(/(?<=.)(?:\/\.?\*?)+$/, '');
}

/** Where the cache is for the Go commands of a stage and those below it, and where the RUN has a mount for it. */
function cachePaths(run: RunStep, kind: MountKind): readonly string[] {
  const runs = run.stage.chain.flatMap(({ steps }) => steps).filter((step) => step.kind === 'run');
  return [...runs, run].flatMap(({ commands }) =>
    commands.flatMap(({ go }) => {
      const use = kind === 'gocache' ? go?.goCache : go?.goModCache;
      return [use?.path, use?.mount?.target].filter((path) => path !== undefined);
    }),
  );
}
