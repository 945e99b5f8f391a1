import { lighter } from '../confidence.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { StageFacts } from '../facts/stage.ts';
import { commandName } from '../reading/command-name.ts';
import { findEarlyArguments } from '../reading/early-arguments.ts';
import { hasSeveralPlatforms } from '../reading/platforms.ts';
import type { BuildRule, Problem } from '../types.ts';

export const targetPlatformArgBeforeDownload: BuildRule = {
  id: 'target-platform-arg-before-download',
  number: 17,
  subject: 'build',
  group: 'layers',
  severity: 'medium',
  fix: 'safe',
  summary: 'TARGETARCH or its like is in force at a download, which then runs once per platform',
  check: (build) => build.stages.flatMap((stage) => checkStage(build, stage)),
};

const TARGET = /^TARGET(?:PLATFORM|OS|ARCH|VARIANT)$/;

function checkStage(build: ImageBuild, stage: StageFacts): readonly Problem[] {
  // On the target's own platform each has its own image, and so everything is run per platform.
  if (!/^\$\{?BUILDPLATFORM\}?$/.test(stage.chain.at(-1)?.platform ?? '')) return [];
  if (!hasSeveralPlatforms(build, stage)) return [];
  const early = findEarlyArguments(build, stage, (name) => TARGET.test(name));
  if (early === undefined) return [];
  const { args, names, fetch, isMounted, edit } = early;
  const range = args[0]?.declares.find(({ name }) => names.includes(name))?.range;
  if (range === undefined) return [];
  const list = names.map((name) => `\`${name}\``).join(', ');
  return [
    {
      file: build.file,
      range,
      message: `${list} ${names.length === 1 ? 'makes' : 'make'} the key of ${commandName(fetch.command)} another one for each platform, though its stage runs on the build platform and it uses none of them`,
      cost: isMounted
        ? 'one more look through the module cache per platform'
        : 'the same download again for each platform',
      severity: isMounted ? lighter('medium') : 'medium',
      ...(edit && { fix: { isSafe: true, title: `Move ${list} down to the first use`, edits: [edit] } }),
    },
  ];
}
