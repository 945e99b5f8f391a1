import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig } from '../../config/load-config.ts';
import { SlipwayError } from '../../core/errors.ts';
import { planInit, type InitPlanning } from '../../generate/plan-init.ts';
import { readProjectFacts } from '../../generate/project-facts.ts';
import type { InitPlan, InitWishes, ProjectFacts, Question } from '../../generate/types.ts';
import type { LoadedCommand } from '../command-table.ts';
import { isSwitchedOn, type FlagSpec, type ParsedWords } from '../flag-words.ts';
import { cleanText } from '../../core/clean-text.ts';
import { canAsk, openPrompt } from '../init/ask.ts';
import { addAnswer, IMAGE_FLAGS, OUTPUT_FLAGS, PRIVATE_FLAGS, PROGRAM_FLAGS, readWishes } from '../init/flags.ts';
import { formatOutcome, type InitReport } from '../init/print-init.ts';
import { readSurroundings } from '../init/read-surroundings.ts';
import { compareFiles, writeFiles } from '../init/write-files.ts';
import type { CliIo } from '../io.ts';
import { readTree } from '../../project/read-tree.ts';
import { DEBUG_FLAG, DRY_RUN_FLAG, OPTION_FLAGS, readOptionFlags } from '../own-flags.ts';
import { readVersion } from '../../session/version.ts';
import { writeOut } from '../write-out.ts';

const FORMAT_FLAGS = OPTION_FLAGS.filter(({ name }) => name === 'format');
const OUTPUT: readonly FlagSpec[] = [...OUTPUT_FLAGS, DRY_RUN_FLAG, ...FORMAT_FLAGS, DEBUG_FLAG];

export const initCommand: LoadedCommand = {
  flags: [...PROGRAM_FLAGS, ...IMAGE_FLAGS, ...PRIVATE_FLAGS, ...OUTPUT],
  run: runInit,
  help: {
    summary:
      'Writes a Dockerfile and .dockerignore for the Go program at hand, and a workflow or bake file when asked to.',
    usage: 'slipway init [OPTIONS] [DIRECTORY]',
    sections: [
      { title: 'Program', flags: PROGRAM_FLAGS },
      { title: 'Image', flags: IMAGE_FLAGS },
      { title: 'Private modules', flags: PRIVATE_FLAGS },
      { title: 'Output', flags: OUTPUT },
    ],
    notes: [
      'DIRECTORY is the context of the image build, and where the files go (default: the working directory).\n' +
        "On a terminal init asks for what it can't decide; elsewhere it names the flag and exits with 2.\n" +
        'Files that are there and differ are kept, their differences shown, and the exit code is 1; `--force` overwrites them.',
    ],
    examples: [
      'slipway init',
      'slipway init --main ./cmd/api --ci github',
      'slipway init --strategy layers --base distroless --platform linux/amd64,linux/arm64 --bake',
      'slipway init --private example.com/team --auth netrc',
      'slipway init --dry-run --format json',
    ],
  },
};

async function runInit(parsed: ParsedWords, io: CliIo): Promise<number> {
  const root = readDirectory(parsed, io);
  const wishes = readWishes(parsed, await readVersion());
  const config = await loadConfig({ flags: readOptionFlags(parsed), env: io.env, directory: root });
  for (const warning of config.warnings) io.stderr.write(`slipway: warning: ${cleanText(warning)}\n`);
  const isJson = config.settings.format === 'json';
  const isDryRun = isSwitchedOn(parsed, 'dry-run');
  const facts = readProjectFacts(readTree(root), readSurroundings(io.env, root));
  const planning = await settle(io, facts, wishes);
  if (planning.kind === 'refused')
    throw new SlipwayError('USAGE', planning.refusal.message, { hint: planning.refusal.hint });
  if (planning.kind === 'questions') {
    if (isJson) await writeOut(io.stdout, formatJson({ facts, questions: planning.questions }));
    throw undecided(planning.questions);
  }
  const { plan, open } = planning;
  const outcomes = compareFiles(root, plan.files, { force: isSwitchedOn(parsed, 'force') });
  if (!isDryRun) writeFiles(root, outcomes);
  await writeOut(
    io.stdout,
    isJson ? formatJson({ facts, plan, files: outcomes, questions: open }) : formatOutcome(plan, outcomes, isDryRun),
  );
  const hasKept = outcomes.some(({ status }) => status === 'kept');
  if (!isJson) sayNotes(io, plan, hasKept);
  return hasKept ? 1 : 0;
}

/** Plans, and asks until nothing is open, where there is somebody to ask. */
async function settle(io: CliIo, facts: ProjectFacts, wishes: InitWishes): Promise<InitPlanning> {
  const first = planInit(facts, wishes);
  if (!canAsk(io) || openQuestions(first).length === 0) return first;
  using prompt = openPrompt(io);
  const skipped = new Set<string>();
  let current = wishes;
  for (;;) {
    const planning = planInit(facts, current);
    const next = openQuestions(planning).find(({ flag }) => !skipped.has(flag));
    if (next === undefined) return planning;
    const answer = await prompt.ask(next);
    if (answer === '') skipped.add(next.flag);
    else current = addAnswer(current, next.flag, answer);
  }
}

function openQuestions(planning: InitPlanning): readonly Question[] {
  if (planning.kind === 'questions') return planning.questions;
  return planning.kind === 'plan' ? planning.open : [];
}

function undecided(questions: readonly Question[]): SlipwayError {
  const [first] = questions;
  // A switch takes no next word.
  const join = first?.flag === '--cgo' ? '=' : ' ';
  const options = (first?.options ?? []).slice(0, 10).map((option) => `\`${first?.flag}${join}${option}\``);
  return new SlipwayError('USAGE', `init can't decide: ${first?.text ?? ''}`, {
    hint: `Write ${options.length > 0 ? options.join(' or ') : `\`${first?.flag ?? ''}\``}.`,
  });
}

interface ReportParts {
  readonly facts: ProjectFacts;
  readonly questions: readonly Question[];
  readonly plan?: InitPlan;
  readonly files?: InitReport['files'];
}

function formatJson({ facts, plan, files = [], questions }: ReportParts): string {
  const report: InitReport = {
    schemaVersion: 1,
    facts,
    decisions: plan?.decisions ?? [],
    files,
    notes: plan?.notes ?? [],
    questions,
    nextCommand: plan?.nextCommand,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function sayNotes(io: CliIo, plan: InitPlan, hasKept: boolean): void {
  for (const note of plan.notes) io.stderr.write(`slipway: note: ${cleanText(note)}\n`);
  if (hasKept) io.stderr.write('slipway: files that differ were kept; `--force` overwrites them\n');
  else io.stderr.write(`slipway: try it: ${cleanText(plan.nextCommand)}\n`);
}

function readDirectory(parsed: ParsedWords, io: CliIo): string {
  const [directory = '.', extra] = parsed.positionals;
  if (extra !== undefined) {
    throw new SlipwayError('USAGE', `\`slipway init\` takes one directory, and \`${extra}\` is a second`, {
      hint: 'Write `slipway init DIRECTORY`.',
    });
  }
  const root = resolve(io.cwd, directory);
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() === true) return root;
  throw new SlipwayError('USAGE', `\`${directory}\` is no directory`, {
    hint: 'Name the one that holds go.mod or go.work.',
  });
}
