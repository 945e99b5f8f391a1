import { packagesOf } from '../../golang/packages/list-packages.ts';
import { moduleAt } from '../../golang/packages/read-repository.ts';
import { isWithin, joinInTree } from '../../golang/packages/tree-paths.ts';
import type { GoModule, GoPackage } from '../../golang/packages/types.ts';
import { STATIC_LINUX, type BuildTarget } from '../../golang/source/build-target.ts';
import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import { repositoryPath } from '../facts/source-place.ts';
import type { RunStep } from '../facts/step.ts';
import { isContextBind } from './source-steps.ts';
import { stepsBefore } from './stage-steps.ts';

/** Packages of the repository that a go command names, and where it stands. */
export interface MatchedPackages {
  /** Of the module, those that lie in the container for sure. */
  readonly packages: readonly GoPackage[];
  readonly module: GoModule;
  /** Of the repository, in which the command works. */
  readonly directory: string;
}

/**
 * The packages that `./...`, `./cmd/...`, `./cmd/a ./cmd/b` match; undefined when that can't be told: a word, a directory or a constraint
 * isn't known, or a package lies outside of the module.
 */
export function matchPackages(build: ImageBuild, run: RunStep, command: CommandFacts): MatchedPackages | undefined {
  const { go } = command;
  const directory = go?.directory === undefined ? undefined : repositoryPath(run.places, go.directory);
  const target = targetOf(command);
  if (go === undefined || directory === undefined || target === undefined || !go.isComplete) return undefined;
  const module = moduleAt(build.repository.go, directory);
  if (module === undefined || !build.context.hasFiles) return undefined;
  if (removesSources(run, command)) return undefined;
  const isThere = presence(build, run);
  const all = packagesOf(build.repository.go, module, target).filter(({ files }) =>
    files.every(({ path }) => isThere(path)),
  );
  const found = new Set<GoPackage>();
  for (const { value } of go.packages) {
    const matched = value === undefined ? undefined : matchOne(value, { all, directory });
    if (matched === undefined) return undefined;
    for (const each of matched) found.add(each);
  }
  return { packages: [...found], module, directory };
}

function matchOne(
  word: string,
  { all, directory }: { readonly all: readonly GoPackage[]; readonly directory: string },
): readonly GoPackage[] | undefined {
  if (!/^\.{1,2}(?:\/|$)/.test(word) || /[*?[\]{}$`@]/.test(word)) return undefined;
  const isPattern = /(?:^|\/)\.\.\.$/.test(word);
  const base = joinInTree(directory, isPattern ? word.replace(/\/?\.\.\.$/, '') : word);
  if (base === undefined || base.includes('...') || base.endsWith('.go')) return undefined;
  return all.filter((each) => (isPattern ? isWithin(each.directory, base) : each.directory === base));
}

/** What the compile is for; undefined when it isn't known. */
function targetOf({ env, unknown, go }: CommandFacts): BuildTarget | undefined {
  if (go === undefined || ['GOOS', 'GOARCH', 'CGO_ENABLED', 'GOFLAGS'].some((name) => unknown.has(name)))
    return undefined;
  const tags = findGoFlag(go, 'tags')?.value ?? '';
  if (tags.includes('$')) return undefined;
  return {
    ...STATIC_LINUX,
    goos: env.get('GOOS') || STATIC_LINUX.goos,
    goarch: env.get('GOARCH') || STATIC_LINUX.goarch,
    isCgoEnabled: env.get('CGO_ENABLED') === '1',
    tags: tags.split(/[\s,]+/).filter((tag) => tag !== ''),
  };
}

/** Was a file of the repository copied before a RUN, or does a bind bring it? */
function presence(build: ImageBuild, run: RunStep): (path: string) => boolean {
  if (run.mounts.some((mount) => isContextBind(mount))) {
    const files = new Set(build.context.files);
    return (path) => files.has(path);
  }
  const copied = stepsBefore(run).flatMap((step) =>
    (step.kind === 'copy' || step.kind === 'add') && !step.node.flags.some(({ value }) => value.startsWith('--exclude'))
      ? step.sources.flatMap(({ files }) => files ?? [])
      : [],
  );
  const files = new Set(copied);
  return (path) => files.has(path);
}

/** `rm -rf cmd/old`: what is gone before the command can't be told from the repository. */
function removesSources(run: RunStep, command: CommandFacts): boolean {
  const earlier = [...stepsBefore(run), run].flatMap((step) => (step.kind === 'run' ? step.commands : []));
  return earlier
    .slice(0, earlier.indexOf(command))
    .some(
      ({ program, argv }) =>
        /^(?:rm|mv|find|git)$/.test(program) &&
        argv.slice(1).some((word) => !/^(?:-|\/(?:var|tmp|root|usr)\b)/.test(word)),
    );
}
