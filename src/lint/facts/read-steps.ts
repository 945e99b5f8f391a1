import type { FileTree } from '../../core/file-tree.ts';
import type { EvaluatedBuild, StageStep } from '../../dockerfile/evaluate-build.ts';
import { joinPath } from '../../dockerfile/go-text.ts';
import { expandIn } from '../../dockerfile/stage-state.ts';
import { readArgument } from '../../dockerfile/build-arguments.ts';
import type { Range, Word } from '../../dockerfile/tree.ts';
import type { Stage } from '../../dockerfile/stage-graph.ts';
import type { BuildContextFacts } from './build-context.ts';
import { knowsDefaults } from './go-environment.ts';
import { readCommands } from './read-commands.ts';
import { readSources } from './read-sources.ts';
import { placesAt } from './source-place.ts';
import { readMounts } from './read-mounts.ts';
import { commandsAt, mountsAt, nodeAt } from './trigger-places.ts';
import type { OpenStage } from './read-stages.ts';
import type { StageFacts } from './stage.ts';
import type { ArgStep, CopyStep, EnvStep, RunStep, StepFacts } from './step.ts';

export interface StepReading {
  readonly build: EvaluatedBuild;
  readonly stages: ReadonlyMap<Stage, OpenStage>;
  readonly file: string;
  readonly text: string;
  readonly context: BuildContextFacts;
  readonly files: FileTree;
}

/** Fills the steps into their stages and gives them all in order. */
export function readSteps(reading: StepReading): readonly StepFacts[] {
  const all: StepFacts[] = [];
  for (const at of reading.build.steps) {
    const stage = reading.stages.get(at.stage);
    if (stage === undefined) continue;
    const step = readStep(at, stage, reading);
    stage.steps.push(step);
    all.push(step);
  }
  return all;
}

type Base = Pick<StepFacts, 'stage' | 'index' | 'node' | 'range' | 'before' | 'isTrigger'>;

function readStep(at: StageStep, stage: OpenStage, reading: StepReading): StepFacts {
  const { node, isTrigger } = at.step;
  const range = isTrigger ? stage.range : withoutLineEnd(node.range, reading.text);
  const own = isTrigger ? nodeAt(node, range) : node;
  const base: Base = { stage, index: stage.steps.length, node: own, range, before: at.before, isTrigger };
  switch (node.name) {
    case 'run':
      return readRun(at, base, reading);
    case 'copy':
    case 'add':
      return readCopy(at, { ...base, kind: node.name }, reading);
    case 'arg':
      return readArg(base);
    case 'env':
      return readEnv(base, reading);
    default:
      return { ...base, kind: 'other' };
  }
}

function withoutLineEnd({ start, end }: Range, text: string): Range {
  let at = end;
  while (at > start && (text[at - 1] === '\n' || text[at - 1] === '\r')) at--;
  return { start, end: at };
}

function readRun(at: StageStep, base: Base, reading: StepReading): RunStep {
  const { stages, text, build } = reading;
  const { node, stage, before } = base;
  const written = readMounts(node.flags, {
    text,
    escape: build.context.escape,
    state: before,
    line: node.startLine,
    stageNamed: (name) => stageOf(at, stages, name),
  });
  const mounts = base.isTrigger ? mountsAt(written, base.range) : written;
  const hasKnownDefaults = knowsDefaults(stage, hasUnpackedGo(stage));
  const earlier = stage.chain.toReversed().flatMap(({ steps }) => steps);
  const places = placesAt(earlier, mounts, reading.context);
  const { file, files } = reading;
  const hasAssumedGoPath = stage.image?.isGolang === false && !declares(earlier, 'GOPATH');
  const { user } = before;
  const read = readCommands(at, { file, mounts, hasKnownDefaults, hasAssumedGoPath, user, files, places });
  const run = { ...base, kind: 'run', mounts, ...read, places, network: at.step.flags.get('network')?.[0] } as const;
  return base.isTrigger ? { ...run, commands: commandsAt(read.commands, { file, range: base.range }) } : run;
}

function declares(steps: readonly StepFacts[], name: string): boolean {
  return steps.some(
    (step) => (step.kind === 'env' || step.kind === 'arg') && step.declares.some((each) => each.name === name),
  );
}

/** Did an earlier step put Go's own tree there, from its tarball or from the official image? */
function hasUnpackedGo({ chain }: StageFacts): boolean {
  return chain.some(({ steps }) =>
    steps.some((step) => {
      if (step.kind === 'run') return step.commands.some(({ text }) => GO_TARBALL.test(text));
      if (step.kind !== 'copy' && step.kind !== 'add') return false;
      return step.sources.some(({ value }) => /^\/usr\/local\/go\/?$/.test(value) || GO_TARBALL.test(value));
    }),
  );
}

const GO_TARBALL = /\bgo\d?[^/\s]*\.linux-[^/\s]*\.tar\.gz|go\.dev\/dl\//;

function stageOf(at: StageStep, stages: StepReading['stages'], name: string): OpenStage | undefined {
  const wanted = name.toLowerCase();
  const source = at.step.sources.find((each) => each.name === wanted || String(each.index) === wanted);
  return source === undefined ? undefined : stages.get(source);
}

function readCopy(at: StageStep, base: Base & { kind: 'copy' | 'add' }, reading: StepReading): CopyStep {
  const { node, before } = base;
  const { escape } = reading.build.context;
  const from = at.step.flags.get('from')?.[0];
  const expand = (word: string): string => expandIn(before, word, { line: node.startLine, escape }) ?? word;
  const words: readonly Word[] = node.json ? node.args.map((value) => ({ value, range: node.rest.range })) : node.words;
  const target = words.length < 2 ? undefined : expand(words.at(-1)?.value ?? '');
  return {
    ...base,
    from,
    fromStage: from === undefined ? undefined : stageOf(at, reading.stages, from),
    sources: readSources(words.slice(0, -1), { step: at.step, isJson: node.json, expand, context: reading.context }),
    destination:
      target === undefined || target.includes('$')
        ? undefined
        : joinPath(target.startsWith('/') ? '/' : before.workdir, target),
  };
}

function readArg(base: Base): ArgStep {
  const declares = base.node.args.map((arg, index) => {
    const { name, value } = readArgument(arg);
    return { name, default: value, range: base.isTrigger ? undefined : base.node.words[index]?.range };
  });
  return { ...base, kind: 'arg', declares };
}

/** ENV's arguments are triples of key, value and delimiter. */
function readEnv(base: Base, { build }: StepReading): EnvStep {
  const { node, before } = base;
  const declares: { name: string; value: string; range: Range | undefined }[] = [];
  for (let index = 0; index < node.args.length; index += 3) {
    const written = node.args[index + 1] ?? '';
    const value = expandIn(before, written, { line: node.startLine, escape: build.context.escape }) ?? written;
    const range = node.args[index + 2] === '=' ? node.words[index / 3]?.range : node.rest.range;
    declares.push({ name: node.args[index] ?? '', value, range: base.isTrigger ? undefined : range });
  }
  return { ...base, kind: 'env', declares };
}
