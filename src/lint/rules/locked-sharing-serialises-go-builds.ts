import { replace } from '../edits.ts';
import { unlessCertain } from '../confidence.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import { goMounts, type GoMount } from '../reading/go-mounts.ts';
import { chainSteps } from '../reading/stage-steps.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const lockedSharingSerialisesGoBuilds: BuildRule = {
  id: 'locked-sharing-serialises-go-builds',
  number: 13,
  subject: 'build',
  group: 'cache',
  severity: 'low',
  fix: 'safe',
  summary: '`sharing=locked` or `private` on a Go cache that several builds use at once',
  check: (build) => {
    const all = [...goMounts(build, 'gomodcache'), ...goMounts(build, 'gocache')];
    const mounts = new Map(all.map((each) => [each.mount, each]));
    return [...mounts.values()].flatMap((each) => checkMount(build, each, all));
  },
};

function checkMount(build: ImageBuild, each: GoMount, all: readonly GoMount[]): readonly Problem[] {
  const { mount, run } = each;
  const { sharing } = mount.values;
  if (sharing !== 'locked' && sharing !== 'private') return [];
  const who = isForSeveralPlatforms(build, each) ? 'platforms' : isSharedByStages(each, all) ? 'stages' : undefined;
  if (who === undefined) return [];
  const field = mount.fields.findLast(({ key }) => key === 'sharing');
  const effect =
    sharing === 'locked'
      ? `makes the ${who} that are built at once wait for each other`
      : `gives each of the ${who} that are built at once a cache of its own, which starts empty`;
  return [
    unlessCertain(mount.isCertain, {
      file: build.file,
      range: run.isTrigger ? run.range : (field?.range ?? mount.range),
      severity: 'low',
      message: `\`sharing=${sharing}\` on \`${mount.target ?? ''}\` ${effect}, and Go locks its caches by itself`,
      cost: sharing === 'locked' ? `one ${who.slice(0, -1)} compiles at a time` : 'cold compiles',
      fix: fixOf(build, each, all),
    }),
  ];
}

/** A definition says so; where none says anything, a stage on the build platform that takes the target as an ARG. */
function isForSeveralPlatforms({ definitions }: ImageBuild, { run, command }: GoMount): boolean {
  const stated = definitions.flatMap(({ platforms }) => (platforms === undefined ? [] : [platforms]));
  if (stated.length > 0) return stated.some((platforms) => platforms.length > 1 || platforms[0]?.text.includes(','));
  const isOnBuilder = run.stage.chain.some(({ platform }) => /BUILDPLATFORM/.test(platform ?? ''));
  const takesTarget = chainSteps(run.stage).some(
    (step) => step.kind === 'arg' && step.declares.some(({ name }) => /^TARGET(?:PLATFORM|OS|ARCH)$/.test(name)),
  );
  return isOnBuilder && (takesTarget || command.go?.program === 'xx-go');
}

/** Another stage that doesn't wait for this one uses the same cache. */
function isSharedByStages({ mount, run }: GoMount, all: readonly GoMount[]): boolean {
  return all.some(
    (other) =>
      other.mount.identity === mount.identity &&
      !waitsFor(other.run.stage, run.stage) &&
      !waitsFor(run.stage, other.run.stage),
  );
}

function waitsFor(stage: StageFacts, other: StageFacts): boolean {
  if (stage.chain.includes(other)) return true;
  const sources = chainSteps(stage).flatMap((step) => {
    if (step.kind === 'run') return step.mounts.map(({ fromStage }) => fromStage);
    return step.kind === 'copy' || step.kind === 'add' ? [step.fromStage] : [];
  });
  return [...new Set(sources)].some((source) => source !== undefined && waitsFor(source, other));
}

/** Safe for a directory that only Go writes to. */
function fixOf(build: ImageBuild, { mount, run }: GoMount, all: readonly GoMount[]): Fix | undefined {
  const range = fieldWithComma(build.text, mount.fields.findLast(({ key }) => key === 'sharing')?.range, mount.range);
  if (range === undefined || run.isTrigger || mount.fields.filter(({ key }) => key === 'sharing').length > 1)
    return undefined;
  const paths = all
    .filter((each) => each.mount === mount)
    .flatMap(({ command: { go } }) => [go?.goCache, go?.goModCache])
    .flatMap((use) => (use?.mount === mount ? [use.path] : []));
  const isOnlyGo = paths.every((path) => path === mount.target || path === `${mount.target ?? ''}/mod`);
  return { isSafe: isOnlyGo, title: 'Let all share the cache', edits: [replace(build.file, range, '')] };
}

type Place = Problem['range'];

/** `,sharing=locked` or `sharing=locked,`; undefined where it doesn't stand in the file like that. */
function fieldWithComma(text: string, value: Place | undefined, mount: Place): Place | undefined {
  if (value === undefined || value.start === mount.start) return undefined;
  const start = value.start - 'sharing='.length;
  if (!/^sharing=$/i.test(text.slice(start, value.start))) return undefined;
  if (text[start - 1] === ',') return { start: start - 1, end: value.end };
  return text[value.end] === ',' ? { start, end: value.end + 1 } : undefined;
}
