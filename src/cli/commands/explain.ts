import { resolve } from 'node:path';
import { SlipwayError } from '../../core/errors.ts';
import { redact } from '../../core/redact.ts';
import type { ExplainDocument } from '../../explain/document.ts';
import { planBuild, readBuildArgs } from '../../warm/plan-build.ts';
import type { LoadedCommand } from '../command-table.ts';
import { allValues, lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { CHANGE_FLAGS, EXPLAIN_FLAGS } from '../explain/flags.ts';
import { formatExplanation } from '../explain/format-text.ts';
import { readBuilds } from '../explain/read-builds.ts';
import { changeOfPaths, changeSince, type Change } from '../explain/read-change.ts';
import { readTree } from '../lint/read-tree.ts';
import { createPaint } from '../progress/paint.ts';
import { readUserBuild } from '../read-user-build.ts';
import { rememberBuildArguments } from '../remember-secrets.ts';
import { writeOut } from '../write-out.ts';

const FLAGS: readonly FlagSpec[] = [...CHANGE_FLAGS, ...EXPLAIN_FLAGS];

export const explainCommand: LoadedCommand = {
  flags: FLAGS,
  run: runExplain,
  help: {
    summary: 'Says before a build which of its steps a change re-runs, and why.',
    usage: 'slipway explain (--change PATH… | --since REV | --change-build-arg NAME=VALUE) [OPTIONS] [PATH]',
    sections: [
      { title: 'What changes', flags: CHANGE_FLAGS },
      { title: 'The build', flags: EXPLAIN_FLAGS },
    ],
    notes: [
      'It compares with a build of everything else as it is, on the same builder; nothing is built, and no engine is needed.',
      '`re-run?` is a step that copies from a stage which re-runs: it re-runs only when that stage makes something else this time.',
    ],
    examples: [
      'slipway explain --change cmd/api/main.go',
      'slipway explain --change go.mod --change go.sum --target build .',
      'slipway explain --since origin/main --format json',
      'slipway explain --build-arg VERSION=1.4 --change-build-arg VERSION=1.5',
    ],
  },
};

async function runExplain(parsed: ParsedWords, io: CliIo): Promise<number> {
  const format = lastValue(parsed, 'format') ?? 'text';
  if (format !== 'text' && format !== 'json') {
    throw new SlipwayError('USAGE', `\`--format\` can't be \`${format}\``, { hint: 'Write text or json.' });
  }
  const ownFlags = new Set(FLAGS.map(({ name }) => name));
  const userBuild = readUserBuild({ parsed, ownFlags, env: io.env, defaultContext: '.' });
  const changedArgs = allValues(parsed, 'change-build-arg');
  rememberBuildArguments([...userBuild.buildArgs, ...changedArgs], io.env);
  const context = resolve(io.cwd, userBuild.context);
  const file = userBuild.file === undefined ? undefined : resolve(io.cwd, userBuild.file);
  const { dockerfilePath, dockerfileText } = await planBuild({ ...userBuild, context, file }, io.env);
  const tree = readTree(context);
  const change = await readChange(parsed, io, { context, paths: tree.paths });
  const builds = await readBuilds({
    tree,
    dockerfilePath: resolve(io.cwd, dockerfilePath),
    dockerfile: dockerfileText,
    change,
    options: {
      fileName: dockerfilePath,
      buildArgs: readBuildArgs(userBuild.buildArgs, io.env),
      buildContextNames: userBuild.buildContexts.map((each) => each.split('=')[0] ?? ''),
      ...(userBuild.target !== undefined && { target: userBuild.target }),
      ...(userBuild.platforms[0] !== undefined && { targetPlatform: userBuild.platforms[0] }),
    },
    changedArgs: readBuildArgs(changedArgs, io.env),
  });
  const [{ compareBuilds }, { toDocument }] = await Promise.all([
    import('../../explain/compare-builds.ts'),
    import('../../explain/document.ts'),
  ]);
  const document = withoutSecrets(toDocument(compareBuilds(builds.before, builds.after), builds.ignored));
  const text = (): string => formatExplanation(document, createPaint(io.stdout, io.env));
  await writeOut(io.stdout, format === 'json' ? `${JSON.stringify(document, undefined, 2)}\n` : text());
  return 0;
}

/** What an argument was and is, and the lines of the Dockerfile, may hold credentials. */
function withoutSecrets(document: ExplainDocument): ExplainDocument {
  const text = JSON.stringify(document, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value));
  return JSON.parse(text) as ExplainDocument;
}

async function readChange(
  parsed: ParsedWords,
  io: CliIo,
  { context, paths }: { readonly context: string; readonly paths: readonly string[] },
): Promise<Change> {
  const written = allValues(parsed, 'change');
  const revision = lastValue(parsed, 'since');
  if (revision !== undefined && written.length > 0) {
    throw new SlipwayError('USAGE', '`--change` and `--since` exclude each other', {
      hint: '`--since` already takes every file that differs from the revision.',
    });
  }
  if (revision !== undefined) return changeSince(revision, { cwd: context, env: io.env, signal: io.signal });
  if (written.length === 0 && allValues(parsed, 'change-build-arg').length === 0) {
    throw new SlipwayError('USAGE', 'what changes?', {
      hint: 'Write `--change PATH`, `--since REV` or `--change-build-arg NAME=VALUE`.',
    });
  }
  return changeOfPaths(written, { cwd: io.cwd, context, paths });
}
