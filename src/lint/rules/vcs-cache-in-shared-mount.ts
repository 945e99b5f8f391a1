import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { isCredentialUrl } from '../reading/credential-writes.ts';
import type { BuildRule, Problem } from '../types.ts';

export const vcsCacheInSharedMount: BuildRule = {
  id: 'vcs-cache-in-shared-mount',
  number: 51,
  subject: 'build',
  group: 'security',
  severity: 'low',
  fix: 'none',
  summary: 'private modules are cloned into a cache mount that other builds share',
  check: (build) => build.runs.flatMap((run) => checkRun(build, run)),
};

function checkRun(build: ImageBuild, run: RunStep): readonly Problem[] {
  const command = run.commands.find((each) => fetchesPrivately(each) && each.go?.goModCache.mount !== undefined);
  const mount = command?.go?.goModCache.mount;
  if (command === undefined || mount === undefined || mount.values.sharing === 'private') return [];
  if (!hasCredentials(build, run)) return [];
  return [
    {
      file: build.file,
      range: mount.range,
      message: `\`${command.text}\` clones private modules with credentials, and \`cache/vcs\` of the shared mount keeps the clones with their remotes and hooks for every build that has it`,
      cost: 'another build of the same machine can read the sources and leave hooks',
    },
  ];
}

/** Private modules are cloned; a proxy of one's own is asked over http and leaves no clone. */
function fetchesPrivately({ go, env, goEnv }: CommandFacts): boolean {
  if (go === undefined || (go.kind !== 'compile' && go.kind !== 'download')) return false;
  const value = (name: string): string => env.get(name) ?? goEnv.get(name) ?? '';
  const isPrivate = [value('GOPRIVATE'), value('GONOPROXY')].some((each) => each !== '' && each !== 'none');
  return isPrivate || /^direct\b/.test(value('GOPROXY'));
}

/** An ssh agent, a secret for https, or a token in the git configuration of the stage. */
function hasCredentials({ runs }: ImageBuild, run: RunStep): boolean {
  if (run.mounts.some(({ type }) => type === 'ssh')) return true;
  const isLogin = /netrc|git-?credentials|gitconfig|token|github|gitlab|git/i;
  if (run.mounts.some(({ type, target, values }) => type === 'secret' && isLogin.test(`${target ?? ''} ${values.id}`)))
    return true;
  const before = runs.filter((each) => run.stage.chain.includes(each.stage));
  return before.some(({ commands }) =>
    commands.some(({ program, words }) => program === 'git' && words.some(({ text }) => isCredentialUrl(text))),
  );
}
