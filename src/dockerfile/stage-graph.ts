import { checkInstruction } from './check-instructions.ts';
import { expandWord } from './word.ts';
import { WordError } from './word-error.ts';
import { formatFullPlatform, parsePlatform, type Platform } from './platform.ts';
import { readFlags, isFlagProblem, type FlagValues } from './flags.ts';
import { readMountSource } from './run-mount.ts';
import { parseDockerfile } from './parse.ts';
import type { DockerfileTree, Instruction, InstructionNode } from './tree.ts';

/** A FROM and what follows it, with the base name expanded. */
export interface Stage {
  /** Index among the FROM lines; -1 for an image that is only copied or mounted from. */
  readonly index: number;
  readonly name: string | undefined;
  readonly baseName: string;
  readonly platform: Platform | undefined;
  readonly line: number;
  /** Its FROM; undefined for an image that is only copied or mounted from. */
  readonly from: InstructionNode | undefined;
  /** The stage FROM names, if it is one. */
  readonly base: Stage | undefined;
  /** Replaced by `--build-context name=…`: its instructions don't run. */
  readonly isReplaced: boolean;
  /** ONBUILD triggers of the base stage, then its own. */
  readonly steps: readonly Step[];
}

export interface Step {
  readonly instruction: Instruction;
  /** The line it comes from; of a trigger, a node of its own with no place in the file. */
  readonly node: InstructionNode;
  /** It runs because the base stage says ONBUILD. */
  readonly isTrigger: boolean;
  readonly flags: FlagValues;
  readonly line: number;
  readonly heredocs: InstructionNode['heredocs'];
  /** Stages it copies or mounts from, in the order of its flags. */
  readonly sources: readonly Stage[];
}

export interface StageGraph {
  /** In the order of the file. */
  readonly stages: readonly Stage[];
  /** The stages a target can't be built without, in the order of the file; stages replaced by a named context need nothing. */
  neededFor(target: Stage): readonly Stage[];
  /** Stages, and the images that are only copied or mounted from. */
  all(): readonly Stage[];
}

export interface GraphOptions {
  readonly globals: ReadonlyMap<string, string>;
  readonly isNamedContext: (name: string) => boolean;
  /**
   * Keep what can't be expanded as it is written instead of refusing it: for readers that aren't given the build
   * arguments. A name with `$` in it is no image then.
   */
  readonly isLenient?: boolean;
}

/** An error with the line it belongs to, on its way to a SlipwayError. */
export class LocatedError extends WordError {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Groups the instructions into stages and connects them. Throws LocatedError for what BuildKit refuses here.
 * Source: buildDispatchStates and buildStageDependencyGraph,
 * github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert.go#L413 and #L519
 */
export function buildStageGraph(tree: DockerfileTree, options: GraphOptions): StageGraph {
  const builder: Builder = { all: [], byName: new Map(), options, escape: tree.escape };
  const groups = groupByStage(tree.instructions);
  for (const [index, group] of groups.entries()) addStage(builder, group, index);
  const stages = [...builder.all];
  for (const [index, stage] of stages.entries()) {
    for (const node of groups[index]?.slice(1) ?? []) stage.steps.push(connectStep(builder, node, node));
  }
  refuseCycles(builder.all);
  return { stages, neededFor: (target) => findNeeded(builder, stages, target), all: () => builder.all };
}

function findNeeded(builder: Builder, stages: readonly MutableStage[], target: Stage): readonly Stage[] {
  const needed = new Set<Stage>();
  const visit = (stage: Stage): void => {
    if (needed.has(stage)) return;
    needed.add(stage);
    if (stage.isReplaced) return;
    if (stage.base !== undefined) visit(stage.base);
    const own = stages.find((each) => each === stage);
    // Only here, as BuildKit reads the ONBUILD lines of needed stages only.
    if (own !== undefined) inheritTriggers(builder, own);
    for (const step of stage.steps) step.sources.forEach(visit);
  };
  visit(target);
  return stages.filter((stage) => needed.has(stage));
}

interface MutableStage extends Stage {
  base: MutableStage | undefined;
  steps: Step[];
  hasTriggers: boolean;
}

interface Builder {
  /** Also images that are copied from: BuildKit numbers them behind the stages. */
  readonly all: MutableStage[];
  readonly byName: Map<string, MutableStage>;
  readonly options: GraphOptions;
  readonly escape: '\\' | '`';
}

function groupByStage(nodes: readonly InstructionNode[]): readonly (readonly InstructionNode[])[] {
  const groups: InstructionNode[][] = [];
  for (const node of nodes) {
    if (node.name === 'from') groups.push([node]);
    else groups.at(-1)?.push(node);
  }
  return groups;
}

function addStage(builder: Builder, group: readonly InstructionNode[], index: number): void {
  const [from] = group;
  if (from === undefined) return;
  const line = from.startLine;
  const lookup = (name: string): string | undefined => builder.options.globals.get(name);
  const { isLenient = false } = builder.options;
  const expand = (word: string): string => expandHere(word, { line, escape: builder.escape, lookup, isLenient });
  const written = from.args[0] ?? '';
  const baseName = expand(written);
  if (baseName === '') throw new LocatedError(line, `the base image \`${written}\` is empty`);
  const name = from.args[2]?.toLowerCase();
  const isReplaced = name !== undefined && isContextName(builder, name);
  const base = isReplaced ? undefined : builder.byName.get(baseName);
  const platform = readPlatform(from, expand);
  const stage: MutableStage = {
    index,
    name,
    baseName,
    platform: base?.platform ?? platform,
    line,
    from,
    base,
    isReplaced,
    steps: [],
    hasTriggers: false,
  };
  builder.all.push(stage);
  if (name !== undefined) builder.byName.set(name, stage);
}

interface ExpandOptions {
  readonly line: number;
  readonly escape: '\\' | '`';
  readonly lookup: (name: string) => string | undefined;
  readonly isLenient: boolean;
}

function expandHere(word: string, options: ExpandOptions): string {
  if (!options.isLenient) return located(options.line, () => expandWord(word, options).value);
  try {
    // `skipUnset` would leave the default of an unset variable too.
    const filled = word.replace(/\$\{(\w+):?-([^{}$]*)\}/g, (whole, name: string, value: string) =>
      options.lookup(name) === undefined ? value : whole,
    );
    return expandWord(filled, { ...options, skipUnset: true }).value || word;
  } catch (error) {
    if (error instanceof WordError) return word;
    throw error;
  }
}

function readPlatform(from: InstructionNode, expand: (word: string) => string): Platform | undefined {
  const flags = readFlags(from);
  const [written = ''] = isFlagProblem(flags) ? [] : (flags.get('platform') ?? []);
  if (written === '') return undefined;
  const value = expand(written);
  const platform = parsePlatform(value);
  if (platform === undefined && value.includes('$')) return undefined;
  if (platform === undefined)
    throw new LocatedError(from.startLine, `\`${value}\` (\`--platform=${written}\`) is no platform`);
  return platform;
}

function connectStep(builder: Builder, instruction: Instruction, node: InstructionNode): Step {
  const flags = readFlags(instruction);
  const values: FlagValues = isFlagProblem(flags) ? new Map() : flags;
  const line = node.startLine;
  const sources: Stage[] = [];
  if (instruction.name === 'copy') {
    const [from = ''] = values.get('from') ?? [];
    if (from !== '') sources.push(findCopySource(builder, from, line));
  }
  if (instruction.name === 'run') {
    for (const mount of values.get('mount') ?? [])
      sources.push(findSource(builder, readMountSource(mount) || 'scratch', line));
  }
  return { instruction, node, isTrigger: false, flags: values, line, heredocs: node.heredocs, sources };
}

function findCopySource(builder: Builder, from: string, line: number): Stage {
  const expanded = located(line, () => expandWord(from, { escape: builder.escape, lookup: () => undefined }).value);
  if (expanded !== from) {
    throw new LocatedError(line, `\`--from=${from}\` can't hold a variable: name a stage with FROM and copy from that`);
  }
  if (!/^[+-]?\d+$/.test(from)) return findSource(builder, from, line);
  const stage = builder.all[Number(from)];
  if (stage === undefined) throw new LocatedError(line, `there is no stage ${from}`);
  return stage;
}

function findSource(builder: Builder, from: string, line: number): Stage {
  const found = builder.byName.get(from.toLowerCase());
  if (found !== undefined) return found;
  const base = builder.byName.get(from);
  const stage: MutableStage = {
    index: -1,
    name: undefined,
    baseName: from,
    platform: undefined,
    line,
    from: undefined,
    base,
    isReplaced: false,
    steps: [],
    hasTriggers: false,
  };
  builder.all.push(stage);
  return stage;
}

/** ONBUILD of a stage runs at the start of the stages built FROM it. */
function inheritTriggers(builder: Builder, stage: MutableStage): void {
  if (stage.hasTriggers) return;
  stage.hasTriggers = true;
  const triggers: Step[] = [];
  for (const { instruction, line, heredocs } of stage.base?.steps ?? []) {
    if (instruction.name !== 'onbuild' || instruction.child === undefined) continue;
    const bodies = heredocs.map((heredoc) => `\n${heredoc.content}${heredoc.name}`).join('');
    const tree = parseDockerfile(`${instruction.rest.value}${bodies}`);
    const [node] = tree.instructions;
    const problem = tree.problems.find(({ phase }) => phase === 'parse') ?? (node && checkInstruction(node));
    if (node === undefined || problem !== undefined || tree.instructions.length !== 1) {
      const why = problem?.message ?? 'it is no single instruction';
      throw new LocatedError(stage.line, `the ONBUILD of line ${line} can't run: ${why}`);
    }
    const step = connectStep(builder, node, node);
    triggers.push({ ...step, line: stage.line, isTrigger: true });
  }
  stage.steps.unshift(...triggers);
}

function refuseCycles(stages: readonly Stage[]): void {
  const visited = new Set<Stage>();
  const path = new Set<Stage>();
  const visit = (stage: Stage): void => {
    if (visited.has(stage)) return;
    visited.add(stage);
    path.add(stage);
    for (const step of stage.steps) {
      for (const source of step.sources) {
        if (path.has(source)) throw new LocatedError(step.line, `stage \`${stage.name ?? stage.index}\` needs itself`);
        visit(source);
      }
    }
    path.delete(stage);
  };
  stages.forEach(visit);
}

function isContextName(builder: Builder, name: string): boolean {
  return name !== 'scratch' && name !== 'context' && builder.options.isNamedContext(name);
}

function located<T>(line: number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof WordError) throw new LocatedError(line, error.message);
    throw error;
  }
}

/** `--platform` of a stage as text, for engines and messages. */
export function stagePlatform(stage: Stage): string | undefined {
  return stage.platform === undefined ? undefined : formatFullPlatform(stage.platform);
}
