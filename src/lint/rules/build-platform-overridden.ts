import { readArgument } from '../../dockerfile/build-arguments.ts';
import { replace } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { BuildRule, Problem } from '../types.ts';

export const buildPlatformOverridden: BuildRule = {
  id: 'build-platform-overridden',
  number: 38,
  subject: 'build',
  group: 'image',
  severity: 'low',
  fix: 'unsafe',
  summary: 'a default of BUILDPLATFORM above FROM replaces the platform of the builder',
  check: (build) => checkGlobals(build),
};

/** Only ARGs above the first FROM count for `FROM --platform`. */
function checkGlobals(build: ImageBuild): readonly Problem[] {
  const { instructions } = build.tree;
  const first = instructions.findIndex(({ name }) => name === 'from');
  const problems: Problem[] = [];
  for (const node of instructions.slice(0, Math.max(first, 0)).filter(({ name }) => name === 'arg')) {
    for (const [index, word] of node.args.entries()) {
      const { name, value = '' } = readArgument(word);
      const range = node.words[index]?.range;
      if (name !== 'BUILDPLATFORM' || range === undefined || isAutomatic(value) || !isUsed(build)) continue;
      problems.push({
        file: build.file,
        range,
        message: `\`${word}\` replaces the platform that BuildKit sets, so on other machines the stages of $BUILDPLATFORM run under emulation`,
        cost: 'an emulated compile on every builder of another platform',
        fix: {
          isSafe: false,
          title: 'Take the default off `ARG BUILDPLATFORM`',
          edits: [replace(build.file, range, name)],
        },
      });
    }
  }
  return problems;
}

/** None, or one that falls back to the automatic value. */
function isAutomatic(value: string): boolean {
  return value === '' || /\$\{?BUILD(?:PLATFORM|OS|ARCH)\b/.test(value);
}

function isUsed({ stages }: ImageBuild): boolean {
  return stages.some(({ platform }) => platform !== undefined && /\$\{?BUILDPLATFORM\b/.test(platform));
}
