import { planBuildList } from '../../golang/packages/resolve-import.ts';
import { inDirectory } from '../../golang/packages/read-repository.ts';
import type { GoModule } from '../../golang/packages/types.ts';
import { joinPath } from '../../dockerfile/go-text.ts';
import { lighter } from '../confidence.ts';
import { insertAfter, replace } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import { repositoryPath } from '../facts/source-place.ts';
import type { CopySource, CopyStep, RunStep, StepFacts } from '../facts/step.ts';
import { commandName } from '../reading/command-name.ts';
import { isPlainDownload } from '../reading/downloads.ts';
import { isCopiedLater, nextDownload } from '../reading/later-copy.ts';
import { stepsBefore } from '../reading/stage-steps.ts';
import type { BuildRule, Edit, Fix, Problem } from '../types.ts';

export const replacedModuleSourceCopiedBeforeDownload: BuildRule = {
  id: 'replaced-module-source-copied-before-download',
  number: 19,
  subject: 'build',
  group: 'layers',
  severity: 'medium',
  fix: 'safe',
  summary: 'sources of a local module are copied before the download, which needs only its go.mod',
  check: (build) => build.runs.flatMap((run) => checkRun(build, run)),
};

function checkRun(build: ImageBuild, run: RunStep): readonly Problem[] {
  const command = run.commands.find((each) => isPlainDownload(each));
  const before = stepsBefore(run);
  const isFirst = !before.some((step) => step.kind === 'run' && step.commands.some((each) => isPlainDownload(each)));
  if (command === undefined || run.isTrigger || !isFirst || before.some((step) => bringsContext(step))) return [];
  const modules = localModules(build, run, command);
  const isMounted = command.go?.goModCache.mount !== undefined;
  return before.flatMap((step) => {
    if (step.kind !== 'copy' || step.from !== undefined || step.isTrigger) return [];
    return step.sources.flatMap((source) => {
      const module = moduleOf(source, modules);
      if (module === undefined || source.range === undefined) return [];
      const fix = fixOf(build, step, { run, source, module });
      return [
        {
          file: build.file,
          range: source.range,
          message: `\`${source.text}\` brings all sources of \`${module.path}\` before ${commandName(command)}, which reads only its go.mod, so an edit there runs the download again`,
          cost: isMounted
            ? 'a look through the module cache after an edit there'
            : 'a full module download after an edit there',
          severity: isMounted ? lighter('medium') : 'medium',
          ...(fix && { fix }),
        },
      ];
    });
  });
}

/** The whole context is another rule's. */
function bringsContext(step: StepFacts): boolean {
  return (step.kind === 'copy' || step.kind === 'add') && step.sources.some(({ meaning }) => meaning === 'context');
}

/** Local replacements and the other modules of the workspace. */
function localModules(build: ImageBuild, run: RunStep, { go, env }: CommandFacts): readonly GoModule[] {
  const directory = go?.directory === undefined ? undefined : repositoryPath(run.places, go.directory);
  if (directory === undefined || !build.context.hasFiles) return [];
  const list = planBuildList(build.repository.go, directory, { useWork: env.get('GOWORK') !== 'off' });
  return [...new Set(list?.local.values() ?? [])].filter((module) => module !== list?.main && module.directory !== '');
}

/** The local module that a source takes, with code in it. */
function moduleOf({ meaning, files }: CopySource, modules: readonly GoModule[]): GoModule | undefined {
  const code = meaning === 'directory' ? (files ?? []).filter((file) => file.endsWith('.go')) : [];
  if (code.length === 0) return undefined;
  const owners = code.map((file) => modules.find(({ directory }) => isWithin(file, directory)));
  return owners.every((owner) => owner !== undefined) && owners.some((owner) => files?.includes(owner.file))
    ? owners[0]
    : undefined;
}

interface Found {
  readonly run: RunStep;
  readonly source: CopySource;
  readonly module: GoModule;
}

/** Its manifests before the download, the rest behind it. */
function fixOf(build: ImageBuild, step: CopyStep, { run, source, module }: Found): Fix | undefined {
  const [word, target] = step.node.words;
  const { destination } = step;
  const written = source.text.replace(/\/+$/, '');
  if (word === undefined || target === undefined || destination === undefined || step.node.words.length !== 2)
    return undefined;
  const start = build.context.directory === '' ? '' : `${build.context.directory}/`;
  const isOwn = `${start}${joinPath('/', source.value).slice(1)}` === module.directory;
  if (nextDownload(step) !== run || !isOwn || /[*?[$"]/.test(`${written}${target.value}`) || step.node.json)
    return undefined;
  if (step.before.workdir !== run.before.workdir || step.before.user !== run.before.user) return undefined;
  const manifests = ['go.mod', 'go.sum'].filter((name) => source.files?.includes(inDirectory(module.directory, name)));
  const text = `${manifests.map((name) => `${written}/${name}`).join(' ')} ${target.value.replace(/\/*$/, '/')}`;
  const edits: Edit[] = [replace(build.file, { start: word.range.start, end: target.range.end }, text)];
  const placed = { source: module.directory, path: destination };
  if (!isCopiedLater(build, run, { like: step, placed })) {
    const flags = step.node.flags.map(({ value }) => `${value} `).join('');
    edits.push(insertAfter(build, run, [`COPY ${flags}${word.value} ${target.value}`]));
  }
  return { isSafe: true, title: `Copy only ${manifests.join(' and ')} before the download`, edits };
}
