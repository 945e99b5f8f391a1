import { resolve } from 'node:path';
import { SlipwayError } from '../../core/errors.ts';
import type { ExplainDocument } from '../../explain/document.ts';
import { planBuild } from '../../warm/plan-build.ts';
import type { PlannedBuild } from '../../warm/types.ts';
import type { LoadedCommand } from '../command-table.ts';
import { CHANGE_FLAGS, EXPLAIN_FLAGS, PAST_FLAGS } from '../explain/flags.ts';
import { formatExplanation } from '../explain/format-text.ts';
import { explainChange, redactDocument } from '../../project/explain-change.ts';
import { allValues, lastValue, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import type { CliIo } from '../io.ts';
import { createPaint } from '../progress/paint.ts';
import { readUserBuild } from '../read-user-build.ts';
import { rememberBuildArguments } from '../../session/remember-secrets.ts';
import { writeOut } from '../write-out.ts';

const FLAGS: readonly FlagSpec[] = [...CHANGE_FLAGS, ...PAST_FLAGS, ...EXPLAIN_FLAGS];

export const explainCommand: LoadedCommand = {
  flags: FLAGS,
  run: runExplain,
  help: {
    summary: 'Says which steps of a build a change re-runs, or which of the last one re-ran, and why.',
    usage:
      'slipway explain [--change PATH… | --since REV | --change-build-arg NAME=VALUE | --from-log FILE] [OPTIONS] [PATH]',
    sections: [
      { title: 'Before a build: what changes', flags: CHANGE_FLAGS },
      { title: 'After a build', flags: PAST_FLAGS },
      { title: 'The build', flags: EXPLAIN_FLAGS },
    ],
    notes: [
      'With a change it compares with a build of everything else as it is, on the same builder; nothing is built, and no engine is needed.',
      '`re-run?` is a step that copies from a stage which re-runs: it re-runs only when that stage makes something else this time.',
      'Without one it tells of the last `slipway build` of this directory, Dockerfile and target, against the build before that.',
    ],
    examples: [
      'slipway explain --change cmd/api/main.go',
      'slipway explain --change go.mod --change go.sum --target build .',
      'slipway explain --since origin/main --format json',
      'slipway explain --build-arg VERSION=1.4 --change-build-arg VERSION=1.5',
      'slipway explain .',
      'docker buildx build --progress=rawjson . 2> build.log; slipway explain --from-log build.log .',
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
  const planned = await planBuild({ ...userBuild, context, file }, io.env);
  const made = hasChange(parsed) ? await foretell(planned, parsed, io) : await lookBack(planned, parsed, io);
  const document = redactDocument(made);
  const text = (): string => formatExplanation(document, createPaint(io.stdout, io.env));
  await writeOut(io.stdout, format === 'json' ? `${JSON.stringify(document, undefined, 2)}\n` : text());
  return 0;
}

function hasChange(parsed: ParsedWords): boolean {
  const isChange = CHANGE_FLAGS.some(({ name }) => allValues(parsed, name).length > 0);
  if (isChange && lastValue(parsed, 'from-log') !== undefined) {
    throw new SlipwayError('USAGE', '`--from-log` is about a build that is over, and a change is about one to come', {
      hint: 'Write one of them.',
    });
  }
  return isChange;
}

async function lookBack(planned: PlannedBuild, parsed: ParsedWords, io: CliIo): Promise<ExplainDocument> {
  const { explainKept, pastOptions, readPast } = await import('../explain/explain-past.ts');
  const kept = await readPast(planned, {
    ...pastOptions(io, lastValue(parsed, 'from-log')),
    otherwise: 'ask what a change would re-run by `--change PATH`, `--since REV` or `--change-build-arg NAME=VALUE`.',
  });
  return explainKept(kept);
}

async function foretell(planned: PlannedBuild, parsed: ParsedWords, io: CliIo): Promise<ExplainDocument> {
  return explainChange(planned, {
    cwd: io.cwd,
    env: io.env,
    signal: io.signal,
    paths: allValues(parsed, 'change'),
    since: lastValue(parsed, 'since'),
    buildArgs: allValues(parsed, 'change-build-arg'),
  });
}
