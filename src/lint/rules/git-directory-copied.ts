import { joinPath } from '../../dockerfile/go-text.ts';
import { ignoreTest } from '../../definitions/dockerignore/context-files.ts';
import { moveBefore } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CopySource, CopyStep, RunStep } from '../facts/step.ts';
import { commandName } from '../reading/command-name.ts';
import { isStampedByArgument } from '../reading/commit-arguments.ts';
import { pureFetch } from '../reading/fetches.ts';
import { mayReadGit } from '../reading/git-need.ts';
import { removeSource } from '../reading/source-removal.ts';
import { findSourceCode } from '../reading/source-steps.ts';
import { stepsBefore } from '../reading/stage-steps.ts';
import { runsBehind } from '../reading/stage-uses.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const gitDirectoryCopied: BuildRule = {
  id: 'git-directory-copied',
  number: 23,
  subject: 'build',
  group: 'layers',
  severity: 'medium',
  fix: 'safe',
  summary: '.git is copied where nothing reads it, or above steps that need none of it',
  check: (build) =>
    build.steps.flatMap((step) => {
      if ((step.kind !== 'copy' && step.kind !== 'add') || step.from !== undefined || step.isTrigger) return [];
      const users = runsBehind(build, step);
      if (!users.some(({ commands }) => commands.some(({ go }) => go?.kind === 'compile'))) return [];
      const source = step.sources.find(({ value }) => joinPath('/', value) === '/.git');
      return source === undefined ? checkContext(build, step, users) : checkCopy(build, { step, source, users });
    }),
};

interface GitCopy {
  readonly step: CopyStep;
  readonly source: CopySource;
  /** The RUNs behind it. */
  readonly users: readonly RunStep[];
}

function checkCopy(build: ImageBuild, copy: GitCopy): readonly Problem[] {
  const { step, source, users } = copy;
  const { tree } = build.repository;
  const range = source.range ?? step.range;
  const reader = users.find((run) => mayReadGit(run, tree));
  if (reader === undefined) {
    const fix = removal(build, copy);
    return [
      {
        file: build.file,
        range,
        message: `\`${source.text}\` changes with every commit and fetch, and no command below reads it, nor does Go stamp the commit here`,
        cost: 'all steps below it run again after every commit',
        ...(fix && { fix }),
      },
    ];
  }
  if (reader.stage !== step.stage || stepsBefore(step).some((each) => isCodeCopy(each))) return [];
  const between = step.stage.steps.slice(step.index + 1, reader.index);
  const code = between.findIndex((each) => isCodeCopy(each));
  const early = code < 0 ? between : between.slice(0, code);
  const fetch = early.flatMap((each) => (each.kind === 'run' ? (pureFetch(each) ?? []) : [])).at(0);
  if (fetch === undefined) return [];
  const isMovable =
    step.sources.length === 1 && between.every((each) => each.kind !== 'other' || each.node.name === 'label');
  const fix: Fix = {
    isSafe: true,
    title: 'Copy `.git` just before what reads it',
    edits: [moveBefore(build, [step], reader)],
  };
  return [
    {
      file: build.file,
      range,
      message: `\`${source.text}\` changes with every commit and stands above ${commandName(fetch)}, which doesn't read it, so that runs again as well`,
      cost: 'the download again after every commit',
      ...(isMovable && { fix }),
    },
  ];
}

function isCodeCopy(step: RunStep | ImageBuild['steps'][number]): boolean {
  return (step.kind === 'copy' || step.kind === 'add') && findSourceCode(step) !== undefined;
}

/** In the image that is shipped it may be wanted. */
function removal(build: ImageBuild, { step, source }: GitCopy): Fix | undefined {
  const edit = removeSource(build, step, source);
  return edit && { isSafe: !build.target.chain.includes(step.stage), title: "Don't copy `.git`", edits: [edit] };
}

/** `COPY . .` without .git in the ignore file: the sources change with most commits anyway. */
function checkContext(build: ImageBuild, step: CopyStep, users: readonly RunStep[]): readonly Problem[] {
  const { context, repository } = build;
  const { ignoreFile } = context;
  const source = step.sources.find(({ meaning }) => meaning === 'context');
  if (source === undefined || !context.hasFiles || context.directory !== '' || ignoreFile === undefined) return [];
  if (ignoreTest(ignoreFile)('.git/HEAD') || users.some((run) => mayReadGit(run, repository.tree))) return [];
  if (!users.some((run) => isStampedByArgument(build, run))) return [];
  const edits = [
    { kind: 'insert-after', file: ignoreFile.path, at: Math.max(ignoreFile.text.length - 1, 0), lines: ['.git'] },
  ] as const;
  return [
    {
      file: build.file,
      range: source.range ?? step.range,
      message: `\`${source.text}\` brings \`.git\`, which changes with every commit and fetch, though the version comes by an argument and nothing reads \`.git\``,
      cost: 'a compile step that runs again when no source has changed',
      severity: 'low',
      ...(ignoreFile.text !== '' && {
        fix: { isSafe: false, title: `Ignore \`.git\` in \`${ignoreFile.path}\``, edits },
      }),
    },
  ];
}
