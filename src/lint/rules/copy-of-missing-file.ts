import { posix } from 'node:path';
import { moduleAt } from '../../golang/packages/read-repository.ts';
import type { GoModule } from '../../golang/packages/types.ts';
import { removeMount, removeStep } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { CopySource, CopyStep } from '../facts/step.ts';
import { joinPath } from '../../dockerfile/go-text.ts';
import type { BuildRule, Edit, Fix, Problem } from '../types.ts';

export const copyOfMissingFile: BuildRule = {
  id: 'copy-of-missing-file',
  number: 30,
  subject: 'build',
  group: 'modules',
  severity: 'high',
  fix: 'safe',
  summary: 'go.sum, go.work.sum or vendor is copied, and the repository has none',
  check: (build) => (build.context.hasFiles ? build.steps.flatMap((step) => checkStep(build, step)) : []),
};

function checkStep(build: ImageBuild, step: ImageBuild['steps'][number]): readonly Problem[] {
  if (step.isTrigger) return [];
  if (step.kind === 'run') return step.mounts.flatMap((mount) => checkMount(build, mount));
  if ((step.kind !== 'copy' && step.kind !== 'add') || step.from !== undefined) return [];
  return step.sources.flatMap((source) => {
    const path = missingPath(build, source.value);
    if (path === undefined || source.meaning === 'heredoc' || source.meaning === 'url' || source.meaning === 'git')
      return [];
    const edit = withoutSource(build, step, source);
    return [problemOf(build, { path, range: source.range ?? step.range, edit })];
  });
}

function checkMount(build: ImageBuild, mount: MountFacts): readonly Problem[] {
  const { type, values } = mount;
  if (type !== 'bind' || values.from !== '' || values.source === '') return [];
  const path = missingPath(build, values.source);
  if (path === undefined) return [];
  return [problemOf(build, { path, range: mount.range, edit: removeMount(build, mount) })];
}

/** The path in the repository; undefined when it is there, is ignored, may be made by a step before the build, or is nothing of Go's. */
function missingPath(build: ImageBuild, written: string): string | undefined {
  const { context, repository } = build;
  if (/[*?[$]/.test(written)) return undefined;
  const inside = joinPath('/', written).slice(1).replace(/\/$/, '');
  const name = posix.basename(inside);
  if (!SIBLINGS.has(inside.endsWith('vendor/modules.txt') ? 'vendor' : name)) return undefined;
  if (context.hasFile(inside) || context.hasDirectory(inside) || context.isIgnored(inside)) return undefined;
  const path = joinPath('/', context.directory, inside).slice(1);
  const sibling = SIBLINGS.get(inside.endsWith('vendor/modules.txt') ? 'vendor' : name) ?? '';
  const directory = posix.dirname(path.replace(/\/modules\.txt$/, ''));
  const isRightPlace = repository.tree.hasFile(directory === '.' ? sibling : `${directory}/${sibling}`);
  return isRightPlace && !isMade(build, name) ? path : undefined;
}

/** What lies beside each file: where it isn't there either, the context may be another directory. */
const SIBLINGS: ReadonlyMap<string, string> = new Map([
  ['go.sum', 'go.mod'],
  ['go.work.sum', 'go.work'],
  ['vendor', 'go.mod'],
]);

/** A workflow, Makefile or script, or the builder's own habit (.gitignore), that makes the file before the build. */
function isMade({ repository: { tree, definitions }, file }: ImageBuild, name: string): boolean {
  const command =
    name === 'go.sum'
      ? /\bgo\s+(?:mod\s+(?:tidy|download|init)|get|work\s+sync)\b/
      : name === 'go.work.sum'
        ? /\bgo\s+work\s+(?:sync|vendor|use)\b/
        : /\bgo\s+(?:mod|work)\s+vendor\b|\bgovendor\b|\bdep\s+ensure\b/;
  const places = new Set(definitions.filter((each) => each.dockerfile === file).map((each) => each.file));
  const isPlace = (path: string): boolean =>
    places.has(path) || /(?:^|\/)(?:GNUm|M|m)akefile$|\.(?:mk|sh|bash)$|(?:^|\/)(?:Taskfile|magefile)\b/.test(path);
  if (tree.paths.some((path) => isPlace(path) && command.test(tree.read(path) ?? ''))) return true;
  const ignored = new RegExp(`^/?(?:\\*\\*/)?${name.replaceAll('.', '\\.')}/?\\s*$`, 'm');
  return tree.paths.some((path) => /(?:^|\/)\.gitignore$/.test(path) && ignored.test(tree.read(path) ?? ''));
}

function problemOf(
  build: ImageBuild,
  { path, range, edit }: { readonly path: string; readonly range: Problem['range']; readonly edit: Edit | undefined },
): Problem {
  const fix = fixOf(build, path, edit);
  const why = fix === undefined ? 'nothing seen makes it' : 'a module without requirements has none';
  return {
    file: build.file,
    range,
    message: `\`${path}\` is not in the repository, so the build stops here: ${why}`,
    cost: 'the build fails',
    ...(fix === undefined ? {} : { fix }),
  };
}

/** go.sum holds the checksums of what is downloaded: none, where nothing is required or all of it lies in directories. */
function fixOf(build: ImageBuild, path: string, edit: Edit | undefined): Fix | undefined {
  if (edit === undefined || posix.basename(path) !== 'go.sum') return undefined;
  const directory = posix.dirname(path);
  const module = moduleAt(build.repository.go, directory === '.' ? '' : directory);
  if (module === undefined || needsSum(module)) return undefined;
  return { isSafe: true, title: 'Do not copy `go.sum`', edits: [edit] };
}

function needsSum({ mod }: GoModule): boolean {
  return mod.requires.some(({ path }) => !mod.replaces.some((one) => one.isLocal && one.old.path === path));
}

/** Takes the source out, or the whole COPY when it is the only one. */
function withoutSource(build: ImageBuild, step: CopyStep, { range }: CopySource): Edit | undefined {
  if (step.sources.length === 1) return removeStep(build, step);
  return range && { kind: 'remove-word', file: build.file, range };
}
