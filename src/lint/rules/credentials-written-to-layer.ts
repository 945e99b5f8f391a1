import { removeCommand } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CopyStep, EnvStep, RunStep } from '../facts/step.ts';
import { type CredentialWrite, credentialWrite, isCredentialUrl } from '../reading/credential-writes.ts';
import { secretNetrc, usesGo } from '../reading/go-runs.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const credentialsWrittenToLayer: BuildRule = {
  id: 'credentials-written-to-layer',
  number: 48,
  subject: 'build',
  group: 'security',
  severity: 'high',
  fix: 'unsafe',
  summary: 'a step writes a token or a key into a layer',
  check: (build) => (usesGo(build) ? build.steps.flatMap((step) => checkStep(build, step)) : []),
};

const COST = 'the credential is in the layer, in its cache exports and on every machine that pulls them';

function checkStep(build: ImageBuild, step: ImageBuild['steps'][number]): readonly Problem[] {
  if (step.kind === 'run') return step.commands.flatMap((command) => checkCommand(build, step, command) ?? []);
  if (step.kind === 'env') return checkEnv(build, step);
  return step.kind === 'copy' ? checkHeredoc(build, step) : [];
}

function checkCommand(build: ImageBuild, run: RunStep, command: CommandFacts): Problem | undefined {
  const write = credentialWrite(run, command);
  if (write === undefined) return undefined;
  return {
    file: command.file,
    range: write.range,
    message: `\`${command.program}\` writes ${write.secret} into \`${write.file}\`, which stays in the layer of this step even if a later one removes it`,
    cost: COST,
    fix: write.isForHttps ? fixOf(build, { run, command, write }) : undefined,
  };
}

interface Written {
  readonly run: RunStep;
  readonly command: CommandFacts;
  readonly write: CredentialWrite;
}

/** The same credential as a secret file for the steps that fetch. Unsafe: the build must be given the secret. */
function fixOf(build: ImageBuild, { run, command, write }: Written): Fix | undefined {
  const removal = write.file === '.git/config' ? undefined : removeCommand(build, run, command);
  const mounts = secretNetrc(build);
  if (removal === undefined || mounts === undefined) return undefined;
  const isGone = removal.some(({ kind }) => kind === 'remove-instruction');
  const kept = mounts.filter((edit) => !isGone || !('at' in edit) || edit.at !== run.range.start);
  return {
    isSafe: false,
    title: 'Give the steps that fetch modules a secret netrc file instead',
    edits: [...removal, ...kept],
  };
}

const GO_VARIABLE = /^(?:GOPROXY|GOAUTH|GIT_CONFIG_VALUE_\d+)$/;

function checkEnv(build: ImageBuild, { declares }: EnvStep): readonly Problem[] {
  return declares.flatMap(({ name, range }) => {
    if (range === undefined || !GO_VARIABLE.test(name) || !isCredentialUrl(build.text.slice(range.start, range.end)))
      return [];
    const message = `\`${name}\` holds a credential, and the value of an ENV is part of the image and of every layer below`;
    return [{ file: build.file, range, message, cost: COST }];
  });
}

/** `COPY <<EOF /root/.netrc` */
function checkHeredoc(build: ImageBuild, { node, destination, range }: CopyStep): readonly Problem[] {
  const isNetrc = /(?:^|\/)(?:[._]netrc|\.git-credentials)$/.test(destination ?? '');
  if (!isNetrc || !node.heredocs.some(({ content, expand }) => expand && content.includes('$'))) return [];
  const message = `\`${destination}\` is written with a build argument in it, and the layer of this step keeps it`;
  return [{ file: build.file, range, message, cost: COST }];
}
