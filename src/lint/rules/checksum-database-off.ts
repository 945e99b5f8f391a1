import { removeStep } from '../edits.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { ArgStep, EnvStep, StepFacts } from '../facts/step.ts';
import { assignmentOf, hasReason, isOff } from '../reading/checksum-settings.ts';
import { usesGo } from '../reading/go-runs.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const checksumDatabaseOff: BuildRule = {
  id: 'checksum-database-off',
  number: 50,
  subject: 'build',
  group: 'security',
  severity: 'high',
  fix: 'unsafe',
  summary: 'modules are taken without a check of their sums',
  check: (build) =>
    usesGo(build) ? [...build.steps.flatMap((step) => checkStep(build, step)), ...checkGoSum(build)] : [],
};

function checkStep(build: ImageBuild, step: StepFacts): readonly Problem[] {
  if (build.module?.vendor !== undefined || step.isTrigger) return [];
  if (step.kind === 'env') return checkEnv(build, step);
  if (step.kind === 'arg') return checkArgument(build, step);
  return step.kind === 'run' ? step.commands.flatMap((command) => checkCommand(build, step, command)) : [];
}

function checkEnv(build: ImageBuild, step: EnvStep): readonly Problem[] {
  const own = step.declares.filter(({ name }) => name === 'GOPRIVATE').map(({ value }) => value);
  const later = build.steps
    .flatMap((each) => (each.kind === 'env' ? each.declares : []))
    .filter(({ name }) => name === 'GOPRIVATE');
  const written = [...own, ...later.map(({ value }) => value)];
  return step.declares.flatMap(({ name, value, range }) => {
    if (range === undefined || !isOff(name, value) || hasReason(name, step.before.env, written)) return [];
    return [toProblem({ file: build.file, range, name, value }, fixOf(build, step, range))];
  });
}

/** An ARG with a value is in the environment of every RUN below. */
function checkArgument(build: ImageBuild, step: ArgStep): readonly Problem[] {
  return step.declares.flatMap(({ name, default: value, range }) => {
    const isFound =
      range !== undefined && value !== undefined && isOff(name, value) && !hasReason(name, step.before.env, []);
    return isFound ? [toProblem({ file: build.file, range, name, value }, undefined)] : [];
  });
}

function fixOf(build: ImageBuild, step: EnvStep, range: Problem['range']): Fix {
  const [only, ...others] = step.declares;
  const isAlone = only !== undefined && others.length === 0;
  const edit = isAlone ? removeStep(build, step) : ({ kind: 'remove-word', file: build.file, range } as const);
  return { isSafe: false, title: 'Leave the check on', edits: [edit] };
}

function checkCommand(build: ImageBuild, { before }: StepFacts, command: CommandFacts): readonly Problem[] {
  const { assignments, program, words, go, env } = command;
  const sets = assignments.map(({ name, value, range, isExact }) => ({ name, value, range, isExact }));
  const written = program === 'go' && words[1]?.text === 'env' ? words.flatMap(assignmentOf) : [];
  const privates = [
    env.get('GOPRIVATE'),
    ...[...sets, ...written].filter(({ name }) => name === 'GOPRIVATE').map(({ value }) => value),
  ];
  const reasons = privates.filter((value) => value !== undefined);
  const found = [...sets, ...written].filter(
    ({ name, value }) => value !== undefined && isOff(name, value) && !hasReason(name, before.env, reasons),
  );
  const flag = go?.subcommand === 'get' ? words.find(({ text }) => text === '-insecure') : undefined;
  const problems = found.map(({ name, value = '', range, isExact }) => {
    const edit = { kind: 'remove-word', file: command.file, range } as const;
    const isOwn = isExact && command.file === build.file && !command.isSetting;
    return toProblem(
      { file: command.file, range, name, value },
      isOwn ? { isSafe: false, title: 'Leave the check on', edits: [edit] } : undefined,
    );
  });
  return flag === undefined
    ? problems
    : [
        ...problems,
        toProblem({ file: command.file, range: flag.range, name: 'go get', value: '-insecure' }, undefined),
      ];
}

function toProblem(
  at: { file: string; range: Problem['range']; name: string; value: string },
  fix: Fix | undefined,
): Problem {
  const { file, range, name, value } = at;
  const text = name === 'go get' ? 'go get -insecure' : `${name}=${value}`;
  return {
    file,
    range,
    message: `\`${text}\` lets any module that go.sum doesn't know in without a check, whoever serves it`,
    cost: 'a changed module is built in without a word',
    fix,
  };
}

/** Without go.sum in the build nothing pins what is downloaded. */
function checkGoSum({ context, module }: ImageBuild): readonly Problem[] {
  const { ignoreFile } = context;
  const isNeeded =
    module !== undefined && module.hasGoSum && module.mod.requires.length > 0 && module.vendor === undefined;
  if (!isNeeded || ignoreFile === undefined || module.directory !== context.directory || !context.isIgnored('go.sum'))
    return [];
  const pattern = ignoreFile.patterns.findLast(
    ({ isException, matches }) => !isException && matches?.('go.sum') === true,
  );
  if (pattern === undefined) return [];
  return [
    {
      file: ignoreFile.path,
      range: pattern.range,
      message: `\`${pattern.text}\` keeps go.sum from the build, so nothing says what the modules have to be`,
      cost: 'a changed module is built in without a word',
      fix: undefined,
    },
  ];
}
