import type { MountKind } from '../../core/mount-kind.ts';
import { replace } from '../edits.ts';
import { unlessCertain } from '../confidence.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import { knowsDefaults } from '../facts/go-environment.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts, MountField } from '../facts/mount.ts';
import type { RunStep } from '../facts/step.ts';
import { meantCache } from '../reading/meant-cache.ts';
import { cachePathOf, canWrite, retargetFix } from '../reading/retarget-mount.ts';
import { userOf } from '../reading/run-user.ts';
import { chainSteps } from '../reading/stage-steps.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const mountTargetNotExpanded: BuildRule = {
  id: 'mount-target-not-expanded',
  number: 3,
  subject: 'build',
  group: 'cache',
  severity: 'high',
  fix: 'safe',
  summary: 'a mount target has a `~` or a variable that BuildKit does not expand',
  check: (build) =>
    build.runs.flatMap((run) =>
      run.commands.some(({ go, isOpaque }) => isOpaque || (go !== undefined && go.kind !== 'environment'))
        ? run.mounts.flatMap((mount) => checkMount(build, run, mount))
        : [],
    ),
};

function checkMount(build: ImageBuild, run: RunStep, mount: MountFacts): readonly Problem[] {
  const field = mount.fields.findLast(({ key }) => key === 'target' || key === 'dst' || key === 'destination');
  const cause = mount.type === 'cache' && field !== undefined ? causeOf(run, field) : undefined;
  if (cause === undefined || field === undefined || isRight(run, mount)) return [];
  const where = mount.target === undefined ? 'the working directory' : `\`${mount.target}\``;
  return [
    unlessCertain(cause.isCertain, {
      file: build.file,
      range: run.isTrigger ? run.range : field.range,
      severity: 'high',
      message: `${cause.text}, so the mount lies on ${where}`,
      cost: 'Go never looks there: the cache stays empty and what it is for is done again in each build',
      fix: fixOf(build, { run, mount, field }),
    }),
  ];
}

interface Cause {
  readonly text: string;
  readonly isCertain: boolean;
}

/** What BuildKit takes literally or for nothing; undefined when all of the target means something. */
function causeOf(run: RunStep, { value = '' }: MountField): Cause | undefined {
  const text = value.replace(/^"|"$/g, '');
  if (/^~(?:\/|$)/.test(text)) return { text: '`~` is a name like any other for BuildKit', isCertain: true };
  const braces = /(?<![$\\{])\{(?<name>HOME|GOPATH|GOCACHE|GOMODCACHE|XDG_CACHE_HOME)\}/.exec(text);
  if (braces !== null) return { text: `\`${braces[0]}\` without \`$\` is no variable`, isCertain: true };
  for (const match of text.matchAll(/(?<!\\)\$(?:\{(?<braced>\w+)\}|(?<plain>\w+))/g)) {
    const name = match.groups?.['braced'] ?? match.groups?.['plain'] ?? '';
    const isCertain = run.before.env.has(name) ? undefined : isUnset(run, name);
    if (isCertain !== undefined) {
      return { text: `\`${match[0]}\` has no value here: BuildKit knows ARG and ENV of the stage only`, isCertain };
    }
  }
  return undefined;
}

/** Sure of an image that sets nothing of the kind; likely where an ARG above FROM has the name; undefined when it may well be set. */
function isUnset({ stage }: RunStep, name: string): boolean | undefined {
  const isDeclared = chainSteps(stage).some(
    (step) => step.kind === 'arg' && step.declares.some((arg) => arg.name === name),
  );
  // A build may pass it.
  if (isDeclared || name.startsWith('GOLANG_')) return undefined;
  const root = stage.chain.at(-1);
  if (root !== undefined && knowsDefaults(root, false)) return true;
  return undefined;
}

/** It covers a cache all the same: a user without a home has `/.cache/go-build`. */
function isRight(run: RunStep, { target }: MountFacts): boolean {
  if (target === undefined) return false;
  const user = userOf(run);
  if (user !== undefined && !user.isRoot && target.startsWith('/.cache')) return true;
  return run.commands.some(({ go }) =>
    [go?.goCache.path, go?.goModCache.path].some((path) => path !== undefined && isWithin(path, target)),
  );
}

interface Place {
  readonly run: RunStep;
  readonly mount: MountFacts;
  readonly field: MountField;
}

/** The cache it is named for; else root's home in place of `~` and `$HOME`, when that covers a cache. */
function fixOf(build: ImageBuild, { run, mount, field }: Place): Fix | undefined {
  const value = field.value ?? '';
  const kind = kindOf(value);
  if (kind !== undefined) return retargetFix(build, { run, mount, kind });
  const home = run.before.env.get('HOME') ?? '/root';
  const text = value.replace(/^(?:~|\$HOME\b|\$\{HOME\}|\{HOME\})(?=\/|$)/, home);
  const isExact = build.text.slice(field.range.start, field.range.end) === value;
  const caches = (['gocache', 'gomodcache'] as const).map((each) => cachePathOf(run, each));
  const covers = caches.some((path) => path !== undefined && isWithin(path, text.replace(/\/$/, '')));
  if (text.includes('$') || !isExact || !covers || run.isTrigger || canWrite(run, mount) === false) return undefined;
  return {
    isSafe: canWrite(run, mount) === true,
    title: `Mount \`${text}\``,
    edits: [replace(build.file, field.range, text)],
  };
}

function kindOf(value: string): MountKind | undefined {
  const variable = /\b(?<name>GOCACHE|GOMODCACHE)\b/.exec(value)?.groups?.['name'];
  if (variable !== undefined) return variable === 'GOCACHE' ? 'gocache' : 'gomodcache';
  return meantCache(value.replace(/^~|^\{HOME\}|\$\{?\w+\}?/, '/root').replace(/\/+/g, '/'));
}
