import { ignoreTest } from '../../definitions/dockerignore/context-files.ts';
import { runsOf } from '../../definitions/workflow/workflow-runs.ts';
import { removeStep, replace } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CopySource, CopyStep } from '../facts/step.ts';
import { credentialKind, holdsCredential } from '../reading/credential-files.ts';
import { oneLine } from '../reading/one-line.ts';
import { secretNetrc, usesGo } from '../reading/go-runs.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const credentialsCopiedIntoLayer: BuildRule = {
  id: 'credentials-copied-into-layer',
  number: 49,
  subject: 'build',
  group: 'security',
  severity: 'high',
  fix: 'unsafe',
  summary: 'a COPY takes a file with credentials into a layer',
  check: (build) => (usesGo(build) ? build.steps.flatMap((step) => checkStep(build, step)) : []),
};

function checkStep(build: ImageBuild, step: ImageBuild['steps'][number]): readonly Problem[] {
  if ((step.kind !== 'copy' && step.kind !== 'add') || step.from !== undefined) return [];
  return step.sources.flatMap((source) => {
    const path = namedCredential(build, source) ?? includedCredential(build, source);
    return path === undefined ? [] : [toProblem(build, { step, source, path })];
  });
}

/** `COPY .netrc /root/`: one that isn't in the repository is made before the build, and so is real. */
function namedCredential({ context, repository }: ImageBuild, { meaning, value }: CopySource): string | undefined {
  if (meaning !== 'file' || credentialKind(value) === undefined) return undefined;
  const path = `${context.directory === '' ? '' : `${context.directory}/`}${value.replace(/^\.?\//, '')}`;
  const isThere = repository.tree.hasFile(path);
  if (isThere) return holdsCredential(repository.tree, path) ? path : undefined;
  return /\.(?:pem|key)$/.test(value) ? undefined : path;
}

/** In a directory that is copied as a whole: in the repository, or written there by the workflow that builds. */
function includedCredential(build: ImageBuild, { meaning, files }: CopySource): string | undefined {
  if (meaning !== 'context' && meaning !== 'directory') return undefined;
  const there = (files ?? []).find((path) => holdsCredential(build.repository.tree, path));
  return there ?? (meaning === 'context' ? writtenByWorkflow(build) : undefined);
}

const WRITE =
  /(?:>>?|\btee(?:\s+-a)?)\s*["']?(?<path>(?:\.\/)?[\w./-]*(?:[._]netrc|\.git-credentials|\.env|id_(?:rsa|ed25519)))["']?(?=[\s;&|]|$)/gm;

function writtenByWorkflow({ definitions, repository, context }: ImageBuild): string | undefined {
  const isPossible = repository.workflows.some(({ file }) => file.text.search(WRITE) >= 0);
  const jobs = isPossible ? definitions.flatMap(({ job }) => job ?? []) : [];
  const isIgnored = ignoreTest(context.ignoreFile);
  for (const { workflow, job, steps } of jobs.length === 0 ? [] : runsOf(repository.workflows)) {
    const build = jobs.find((each) => each.file === workflow.path && each.jobId === job.id);
    if (build === undefined) continue;
    for (const { step, jobIndex } of steps) {
      if (jobIndex >= build.stepIndex || step.workingDirectory !== undefined) continue;
      for (const match of step.run?.text.matchAll(WRITE) ?? []) {
        const path = (match.groups?.['path'] ?? '').replace(/^\.\//, '');
        const start = context.directory === '' ? '' : `${context.directory}/`;
        if (!path.startsWith('/') && path.startsWith(start) && !isIgnored(path.slice(start.length))) return path;
      }
    }
  }
  return undefined;
}

interface Copied {
  readonly step: CopyStep;
  readonly source: CopySource;
  readonly path: string;
}

function toProblem(build: ImageBuild, copied: Copied): Problem {
  const { step, source, path } = copied;
  return {
    file: build.file,
    range: source.range ?? step.range,
    message: `\`${oneLine(source.text)}\` copies \`${oneLine(path)}\` with ${credentialKind(path) ?? 'credentials'}, which stays in the layer even if a later step removes it`,
    cost: 'the credential is in the layer, in its cache exports and on every machine that pulls them',
    fix: source.meaning === 'file' ? netrcFix(build, copied) : ignoreFix(build, path),
  };
}

/** A netrc file of its own COPY can be a secret as it is. */
function netrcFix(build: ImageBuild, { step, path }: Copied): Fix | undefined {
  const mounts =
    path.endsWith('netrc') && step.sources.length === 1 && !step.isTrigger ? secretNetrc(build) : undefined;
  return (
    mounts && {
      isSafe: false,
      title: 'Give the steps that fetch modules a secret netrc file instead',
      edits: [removeStep(build, step), ...mounts],
    }
  );
}

function ignoreFix({ context }: ImageBuild, path: string): Fix | undefined {
  const { ignoreFile, directory } = context;
  if (ignoreFile === undefined) return undefined;
  const { text } = ignoreFile;
  const end = text.length;
  const name = directory === '' ? path : path.slice(directory.length + 1);
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const line = `${text === '' || text.endsWith('\n') ? '' : lineEnd}${name}${lineEnd}`;
  return {
    isSafe: false,
    title: `Leave \`${name}\` out of the build`,
    edits: [replace(ignoreFile.path, { start: end, end }, line)],
  };
}
