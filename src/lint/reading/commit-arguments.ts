import { programName } from '../../golang/packages/main-packages.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { isMentioned } from './variable-use.ts';

/**
 * Does a build argument get another value with each commit? `passed`: a build definition gives it one. `likely`: its name and its default say
 * so, and nothing says otherwise. `seldom`: they do, but the CI jobs of the repository don't pass it. undefined: no, or nothing says so.
 */
export type CommitArgument = 'passed' | 'likely' | 'seldom';

export function commitArgument(
  { definitions, module }: Pick<ImageBuild, 'definitions' | 'module'>,
  name: string,
  value: string | undefined,
): CommitArgument | undefined {
  if (/BUST|REFRESH|FORCE/i.test(name)) return undefined;
  const passed = definitions.flatMap(({ buildArgs }) => buildArgs.filter((each) => each.name === name));
  if (passed.some((each) => each.value?.certainty === 'per-commit')) return 'passed';
  const own = programName(module?.path ?? '')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_');
  if (!COMMIT_NAME.test(name) && (own === '' || name !== `${own}_VERSION`)) return undefined;
  if (passed.length > 0) return passed.every((each) => each.value?.certainty === 'known') ? undefined : 'passed';
  if (value !== undefined && !PLACEHOLDER.test(value)) return undefined;
  const jobs = definitions.filter(({ job, kind }) => job !== undefined || kind === 'gitlab');
  return jobs.length > 0 && jobs.every(({ isOpen }) => !isOpen) ? 'seldom' : 'likely';
}

/** Does a RUN compile with such an argument in its command: the version comes from there? */
export function isStampedByArgument(build: ImageBuild, run: RunStep): boolean {
  if (!run.commands.some(({ go }) => go?.kind === 'compile')) return false;
  const declared = run.stage.steps.flatMap((step) => (step.kind === 'arg' ? step.declares : []));
  return declared.some(
    (each) =>
      commitArgument(build, each.name, each.default) !== undefined && isMentioned(run.node.raw, new Set([each.name])),
  );
}

const OWNER =
  'app|application|build|bin|binary|release|image|project|service|pkg|product|program|git|vcs|src|source|repo|ci';

/** Names of what is stamped into a program; those of tools (GO_VERSION, PROTOC_VERSION) are pinned by hand. */
const COMMIT_NAME = new RegExp(
  `^(?:(?:${OWNER})_?)*(?:(?:sem)?ver(?:sion)?|(?:short_?|full_?|head_?|github_?)?(?:commit|sha1?)(?:_?(?:sha1?|hash|id|ref|date|time|timestamp|short))?|revision|(?:vcs|git|source|github)_?re[fv](?:_name)?|rev|tag|date|datetime|timestamp|ts|build_?(?:time|hash|number|num|id|info|ref)|run_?(?:id|number)|github_run_(?:id|number)|(?:go_?)?ld_?flags|(?:git_?|build_?)branch|git_?(?:describe|hash|state|tree_?state)|created)$`,
  'i',
);

/** Defaults that stand there until somebody passes a value. */
const PLACEHOLDER =
  /^["']?(?:|v?0(?:\.0)+\b.*|0|dev(?:el(?:opment)?)?|.*[-.+](?:dev|snapshot|unknown)|dev-.*|\(?devel\)?|unknown|undefined|unset|none|null|n\/?a|local|latest|main|master|head|snapshot|nightly|edge|dirty|unreleased|custom|canary|now|19700101.*|1970-.*)["']?$/i;
