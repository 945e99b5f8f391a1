import { onePerPlace } from '../reading/one-per-place.ts';
import { readArgument } from '../../dockerfile/build-arguments.ts';
import { unlessCertain } from '../confidence.ts';
import { replace } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { ArgStep, StepFacts } from '../facts/step.ts';
import type { BuildRule, Problem, Severity } from '../types.ts';

export const platformArgDefaultShadowsTarget: BuildRule = {
  id: 'platform-arg-default-shadows-target',
  number: 37,
  subject: 'build',
  group: 'image',
  severity: 'high',
  fix: 'unsafe',
  summary: 'the default of an ARG such as TARGETARCH beats the value that BuildKit gives it',
  check: (build) => onePerPlace(build.steps.flatMap((step) => (step.kind === 'arg' ? checkArg(build, step) : []))),
};

const TARGETS = /^TARGET(?:PLATFORM|OS|ARCH|VARIANT)$/;

function checkArg(build: ImageBuild, step: ArgStep): readonly Problem[] {
  return step.declares.flatMap((declared) => {
    const { name } = declared;
    if (!TARGETS.test(name) || step.isTrigger) return [];
    // Without a default of its own it takes that of the ARG above the first FROM.
    const from = declared.default === undefined ? globalDefault(build, name) : declared;
    const value = from?.default;
    if (value === undefined || from?.range === undefined) return [];
    // `ARG TARGETARCH` above gave it the automatic value, which `${TARGETARCH:-amd64}` keeps.
    if (step.before.env.has(name) && value.includes('$') && value.includes(name)) return [];
    const passed = build.definitions.filter(({ buildArgs }) => buildArgs.some((each) => each.name === name));
    const isPassedByAll = passed.length > 0 && passed.length === build.definitions.length;
    if (isPassedByAll || !isUsed(build, step, name)) return [];
    const shown = unquoted(value) === '' ? 'empty' : `\`${unquoted(value)}\``;
    const problem = {
      file: build.file,
      range: from.range,
      message: `The default makes ${name} ${shown} on every platform, as it beats the value that BuildKit sets for the target`,
      cost: costOf(name),
      severity: severityOf(build, name, value),
      fix: {
        isSafe: false,
        title: `Take the default off \`ARG ${name}\``,
        edits: [replace(build.file, from.range, name)],
      },
    };
    return [unlessCertain(passed.length === 0, problem)];
  });
}

/** The last ARG with a default above the first FROM; one that is made of the automatic values is none. */
function globalDefault({ tree }: ImageBuild, wanted: string): Pick<Declared, 'default' | 'range'> | undefined {
  const first = tree.instructions.findIndex(({ name }) => name === 'from');
  const found = tree.instructions
    .slice(0, Math.max(first, 0))
    .filter(({ name }) => name === 'arg')
    .flatMap((node) => node.args.map((arg, index) => ({ ...readArgument(arg), range: node.words[index]?.range })))
    .findLast(({ name, value }) => name === wanted && value !== undefined);
  if (found === undefined || /\$\{?(?:TARGET|BUILD)/.test(found.value ?? '')) return undefined;
  return { default: found.value, range: found.range };
}

type Declared = ArgStep['declares'][number];

function unquoted(value: string): string {
  return value.replace(/^(["'])(.*)\1$/, '$2');
}

function costOf(name: string): string {
  return name === 'TARGETVARIANT'
    ? 'programs for the wrong kind of processor in the image'
    : 'the image of one platform holds the program of another';
}

/** All Linux images have TARGETOS `linux`, and TARGETVARIANT is empty but on ARM. */
function severityOf({ definitions }: ImageBuild, name: string, value: string): Severity {
  const platforms = definitions.flatMap((each) => (each.platforms ?? []).map(({ text }) => text));
  const plain = unquoted(value);
  if (name === 'TARGETOS' && plain === 'linux' && platforms.every((text) => !/windows|darwin/.test(text))) return 'low';
  if (name === 'TARGETVARIANT' && plain === '' && platforms.every((text) => !/\/(?:arm|amd64)\/v/.test(text)))
    return 'low';
  return 'high';
}

/** By its name in a later step, or by programs that read their environment: xx, make, scripts. */
function isUsed(build: ImageBuild, step: ArgStep, name: string): boolean {
  const word = new RegExp(`(?<![A-Za-z0-9_])${name}(?![A-Za-z0-9_])`);
  const isBehind = (other: StepFacts): boolean =>
    other.stage.chain.includes(step.stage) && (other.stage !== step.stage || other.index > step.index);
  return build.steps.filter(isBehind).some((other) => {
    if (word.test(other.node.raw)) return true;
    if (other.kind !== 'run') return false;
    return (
      other.notFollowed.length > 0 ||
      other.commands.some(({ program, via, isOpaque }) => isOpaque || via.length > 0 || program.startsWith('xx-'))
    );
  });
}
