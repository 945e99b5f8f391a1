import { readOptional } from '../../core/read-optional.ts';
import { relative, resolve, sep } from 'node:path';
import type { UserBuild } from '../../buildkit/types.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Finding } from '../../lint/types.ts';
import type { CliIo } from '../io.ts';
import { chooseRules } from '../../project/choose-rules.ts';
import { findSubjects } from '../../project/find-subjects.ts';
import { withText } from '../../project/gather-subjects.ts';

export interface AutoFix {
  /** The build with the mended Dockerfile in place of the file. */
  readonly build: UserBuild;
  /** What was mended. */
  readonly fixed: readonly Finding[];
}

/**
 * Mends the Dockerfile of a build in memory by lint's safe fixes. A file that lint can't read is left to the build, which says
 * what is wrong with it. Throws CONFIG_INVALID for lint settings that are wrong.
 */
export async function applySafeFixes(build: UserBuild, io: CliIo): Promise<AutoFix> {
  const [{ RULES }, { lint }] = await Promise.all([import('../../lint/rules/index.ts'), import('../../lint/lint.ts')]);
  const context = resolve(io.cwd, build.context);
  const written =
    build.file === '-' || build.file === undefined ? resolve(context, 'Dockerfile') : resolve(io.cwd, build.file);
  const { tree } = await findSubjects([context], io.cwd);
  const path = relative(tree.root, written).split(sep).join('/');
  const text = build.fileText ?? (await readOptional(written));
  if (text === undefined) return { build, fixed: [] };
  const { enabled, severities } = chooseRules(
    RULES,
    await loadConfig({ flags: {}, env: io.env, directory: io.cwd }),
    [],
  );
  const outcome = lint(withText(tree, path, text), {
    reading: {
      dockerfiles: [path],
      context: relative(tree.root, context).split(sep).join('/'),
      buildArgs: new Map(build.buildArgs.flatMap((argument) => readArgument(argument, io))),
      ...(build.target === undefined ? {} : { target: build.target }),
    },
    rules: enabled,
    known: RULES.map(({ id }) => id),
    severities,
    subjects: [],
    // A fix of another file would not reach the build.
    isWanted: ({ file, fix }) => file === path && (fix?.edits ?? []).every((edit) => edit.file === path),
    fixes: 'safe',
  });
  const fileText = outcome.texts.get(path);
  if (fileText === undefined) return { build, fixed: [] };
  const ignoreText = await readOptional(`${written}.dockerignore`);
  return { build: { ...build, fileText, ...(ignoreText === undefined ? {} : { ignoreText }) }, fixed: outcome.fixed };
}

/** `--auto: 2 fixes in the Dockerfile of this build: rule-a, rule-b` */
export function formatAutoFix(fixed: readonly Finding[]): string {
  const rules = [...new Set(fixed.map(({ ruleId }) => ruleId))].sort();
  const count = fixed.length === 1 ? 'one safe fix' : `${fixed.length} safe fixes`;
  return `built with ${count} that the file itself doesn't have yet: ${rules.join(', ')}`;
}

function readArgument(argument: string, io: CliIo): readonly (readonly [string, string])[] {
  const equals = argument.indexOf('=');
  if (equals >= 0) return [[argument.slice(0, equals), argument.slice(equals + 1)]];
  const value = io.env[argument];
  return value === undefined ? [] : [[argument, value]];
}
