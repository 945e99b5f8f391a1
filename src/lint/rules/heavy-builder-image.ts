import { replace } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import { cgoSetting } from '../reading/cgo-setting.ts';
import { libcOf } from '../reading/libc.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const heavyBuilderImage: BuildRule = {
  id: 'heavy-builder-image',
  number: 55,
  subject: 'build',
  group: 'image',
  severity: 'info',
  fix: 'unsafe',
  summary: 'a static compile on the Debian golang image, which each fresh builder pulls and unpacks',
  check: (build) => {
    const isFresh = build.definitions.some(({ builder }) => builder === 'ephemeral');
    return isFresh ? build.stages.flatMap((stage) => checkRoot(build, stage)) : [];
  },
};

function checkRoot(build: ImageBuild, root: StageFacts): readonly Problem[] {
  const { image } = root;
  const word = root.from.words[0];
  if (root.base !== undefined || image?.isGolang !== true || image.isUnknown || word === undefined) return [];
  if (libcOf(root) !== 'glibc' || build.target.chain.includes(root) || !isStatic(build, root)) return [];
  const fix = fixOf(build, root);
  return [
    {
      file: build.file,
      range: word.range,
      message: `A fresh builder pulls and unpacks \`${image.reference}\`, and a static compile needs nothing of Debian: the alpine variant is a quarter of its bytes`,
      cost: 'up to 40 s of each build on a fresh builder',
      ...(fix === undefined ? {} : { fix }),
    },
  ];
}

/** All compiles have cgo off, and all else that runs or is taken from there is in the alpine variant too. */
function isStatic(build: ImageBuild, root: StageFacts): boolean {
  const runs = build.runs.filter(({ stage }) => stage.chain.includes(root));
  const commands = runs.flatMap((run) => run.commands);
  const compiles = commands.filter(({ go }) => go?.kind === 'compile');
  if (compiles.length === 0 || runs.some((run) => run.notFollowed.length > 0 || run.commands.length === 0))
    return false;
  const isPlain = commands.every(({ go, program, isSetting, isOpaque, env, via }) => {
    const isDirect =
      ['GOPRIVATE', 'GONOPROXY'].some((name) => (env.get(name) ?? '') !== '') ||
      (env.get('GOPROXY') ?? '').startsWith('direct');
    if (isOpaque || via.length > 0) return false;
    return isSetting || (go === undefined ? BUSYBOX.has(program) : go.program === 'go' && !isDirect);
  });
  return (
    isPlain &&
    compiles.every((each) => cgoSetting(each) === 'off') &&
    runs.every(({ before }) => before.shell === undefined) &&
    !build.steps.some(
      (step) =>
        step.kind === 'copy' &&
        step.fromStage?.chain.includes(root) === true &&
        step.sources.some(({ value }) => /^\/(?:lib|lib64|usr|bin|sbin)(?:\/(?!local\/)|$)/.test(value)),
    )
  );
}

const BUSYBOX: ReadonlySet<string> = new Set(
  'mkdir cp mv rm chmod chown echo printf ls cat touch true false test [ set sleep date pwd ln wget tar unzip sha256sum sed grep'.split(
    ' ',
  ),
);

/** `golang:1.26-bookworm` is `golang:1.26-alpine`, `golang:${GO}` is `golang:${GO}-alpine`. */
function fixOf(build: ImageBuild, { from, image }: StageFacts): Fix | undefined {
  const range = from.words[0]?.range;
  const written = range === undefined ? '' : build.text.slice(range.start, range.end);
  if (range === undefined || written.includes('@') || /["']/.test(written)) return undefined;
  const [, name, tag] = /^([^:$]+)(?::(.+))?$/.exec(written) ?? [];
  if (name === undefined) return undefined;
  const version = (tag ?? 'latest')
    .replace(/-?(?:bookworm|bullseye|trixie|buster|stretch)$/, '')
    .replace(/^latest$/, '');
  const isPlain =
    /^(?:|latest|\d[\d.]*(?:(?:rc|beta)\d+)?(?:-?(?:bookworm|bullseye|trixie|buster|stretch))?|bookworm|bullseye|trixie)$/.test(
      image?.tag ?? '',
    );
  const hasHiddenRelease = version.includes('$') && /[a-z]{4}/.test((image?.tag ?? '').slice(-8)) && version === tag;
  if (!isPlain || hasHiddenRelease) return undefined;
  const text = `${name}:${version === '' ? 'alpine' : `${version}-alpine`}`;
  return { isSafe: false, title: 'Take the alpine variant', edits: [replace(build.file, range, text)] };
}
