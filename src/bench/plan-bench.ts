import type { FileTree } from '../core/file-tree.ts';
import { SlipwayError } from '../core/errors.ts';
import { readBuildFacts } from '../dockerfile/build-facts.ts';
import { writtenAs } from '../generate/choose-program.ts';
import { choose, type Choices } from '../generate/choose.ts';
import { writeDockerfile } from '../generate/dockerfile.ts';
import { writeDockerignore } from '../generate/dockerignore.ts';
import { readProjectFacts } from '../generate/project-facts.ts';
import type { ProgramFacts, ProjectFacts, Surroundings } from '../generate/types.ts';
import type { Requirement } from '../golang/module/types.ts';
import { readGoRepository } from '../golang/packages/read-repository.ts';
import { type CompileSettings, type ModuleManifests, withSettings } from './dockerfile/adapt.ts';
import { type DockerfileWishes, names, pickProgram, readOwnDockerfile } from './pick-program.ts';
import { type PlannedEdits, planEdits } from './plan-edits.ts';
import { type PlannedRun, planRuns } from './plan-runs.ts';
import type { ScenarioName, StrategyName } from './results.ts';
import { cgoOf, otherGoFlag } from './scenarios.ts';
import { STRATEGIES } from './strategies/all.ts';
import type { StrategyWorld } from './strategies/strategy.ts';

export interface BenchWishes extends DockerfileWishes {
  readonly strategies: readonly StrategyName[];
  readonly scenarios: readonly ScenarioName[];
  readonly repeats: number;
  readonly warmUps: number;
  readonly seed: number;
  /** `./cmd/api`; undefined where there is one program. */
  readonly program: string | undefined;
  readonly hasRegistry: boolean;
}

/** Everything that is decided before anything is built. */
export interface BenchPlan {
  readonly program: ProgramFacts;
  readonly module: { readonly path: string; readonly directory: string; readonly requires: readonly Requirement[] };
  /** With cache mounts for Go's caches: the repository's own, or one as `slipway init` writes it. */
  readonly dockerfile: string;
  readonly isOwnDockerfile: boolean;
  /** Ignore file of the Dockerfile itself, where it has one. */
  readonly ownIgnoreText: string | undefined;
  /** `.dockerignore` to write into the copy: the repository has none, and the Dockerfile is not its own. */
  readonly newIgnoreText: string | undefined;
  readonly manifests: ModuleManifests;
  readonly edits: PlannedEdits;
  /** CGO_ENABLED of all scenarios but `cgo`. */
  readonly cgo: 0 | 1;
  readonly scenarios: readonly ScenarioName[];
  readonly strategies: readonly StrategyName[];
  readonly left: readonly string[];
}

/** Decides program, Dockerfile and edits. Throws USAGE or INPUT_INVALID for what no bench can be made of. */
export function planBench(tree: FileTree, surroundings: Surroundings, wishes: BenchWishes): BenchPlan {
  const facts = readProjectFacts(tree, surroundings);
  const own = readOwnDockerfile(tree, wishes);
  const program = pickProgram(facts, wishes.program, own?.commands ?? []);
  const usesOwn =
    own !== undefined &&
    (wishes.dockerfile !== undefined ||
      facts.programs.length === 1 ||
      own.commands.some((text) => names(text, program)));
  const choices = chooseAll(facts, program, wishes.scenarios.includes('cgo'));
  const dockerfile = usesOwn ? own.text : writeDockerfile(choices);
  const repository = readGoRepository(tree);
  const edits = planEdits(repository, program.directory);
  const { scenarios, left } = chooseScenarios(wishes.scenarios, { edits, dockerfile, isVendored: choices.isVendored });
  const requires = repository.modules.find(({ directory }) => directory === program.module)?.mod.requires ?? [];
  return {
    program,
    module: { path: choices.module.path, directory: program.module, requires },
    dockerfile,
    isOwnDockerfile: usesOwn,
    ownIgnoreText: usesOwn ? own.ignoreText : undefined,
    newIgnoreText: usesOwn || facts.existing.ignoreFiles.length > 0 ? undefined : writeDockerignore(facts, choices),
    manifests: manifestsOf(choices),
    edits,
    cgo: cgoOf(dockerfile),
    scenarios,
    strategies: wishes.strategies,
    left,
  };
}

/** The builds in their order, and which strategies can't be measured where they would run. */
export function planSamples(
  plan: BenchPlan,
  wishes: BenchWishes,
  isolation: StrategyWorld['isolation'],
): { readonly runs: readonly PlannedRun[]; readonly left: readonly string[] } {
  const facts = readBuildFacts(plan.dockerfile, { fileName: 'Dockerfile', buildArgs: {} });
  const world = { isolation, hasRegistry: wishes.hasRegistry, facts };
  const reasons = plan.strategies.map((name) => ({ name, reason: STRATEGIES[name].whyNot?.(world) }));
  const strategies = reasons.filter(({ reason }) => reason === undefined).map(({ name }) => name);
  const runs = planRuns({
    ...wishes,
    strategies,
    scenarios: plan.scenarios,
    isFilled: (name) => STRATEGIES[name].keeps !== 'nothing',
  });
  return { runs, left: reasons.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${name}: ${reason}`])) };
}

/** The Dockerfile of one strategy in one scenario. */
export function dockerfileFor(plan: BenchPlan, strategy: StrategyName, scenario: ScenarioName): string {
  return STRATEGIES[strategy].adapt(withSettings(plan.dockerfile, settingsFor(plan, scenario)), plan.manifests);
}

/** CGO_ENABLED in one scenario. */
export function cgoIn(plan: BenchPlan, scenario: ScenarioName): 0 | 1 {
  return scenario === 'cgo' ? (plan.cgo === 1 ? 0 : 1) : plan.cgo;
}

function settingsFor(plan: BenchPlan, scenario: ScenarioName): CompileSettings {
  const flag = scenario === 'go-flags' ? otherGoFlag(plan.dockerfile) : undefined;
  return {
    goFlags: flag === undefined ? [] : [flag],
    ...(scenario === 'cgo' ? { cgo: cgoIn(plan, scenario) } : {}),
  };
}

/** As `slipway init` chooses. For both values of CGO_ENABLED on one image it has to be one with a C compiler. */
function chooseAll(facts: ProjectFacts, program: ProgramFacts, needsCompiler: boolean): Choices {
  const wishes = { main: writtenAs(program), slipwayVersion: '', ports: [] };
  const chosen = choose(facts, { ...wishes, ...(program.cgo.answer === 'maybe' ? { isCgo: false } : {}) });
  if (chosen.kind === 'refused')
    throw new SlipwayError('INPUT_INVALID', chosen.refusal.message, { hint: chosen.refusal.hint });
  if (chosen.kind === 'questions') {
    throw new SlipwayError('INPUT_INVALID', `no Dockerfile can be written for it: ${chosen.questions[0]?.text ?? ''}`, {
      hint: 'Write one by `slipway init`, which takes the answer; bench uses it then.',
    });
  }
  const { choices } = chosen;
  if (!needsCompiler || !choices.images.isAlpine) return choices;
  const withCgo = choose(facts, { ...wishes, isCgo: true });
  if (withCgo.kind !== 'choices') return choices;
  const { builder, isAlpine } = withCgo.choices.images;
  return { ...choices, images: { ...choices.images, builder, isAlpine } };
}

/** What `go mod download` reads. */
function manifestsOf(choices: Choices): ModuleManifests {
  const { buildModules, usesWork, hasWorkSum, module, isVendored } = choices;
  const directory = usesWork ? '' : module.directory;
  if (isVendored || !buildModules.some(({ requires }) => requires > 0)) return { files: [], directory };
  const work = usesWork ? ['go.work', ...(hasWorkSum ? ['go.work.sum'] : [])] : [];
  const modules = buildModules.flatMap((one) => {
    const prefix = one.directory === '' ? '' : `${one.directory}/`;
    return [`${prefix}go.mod`, ...(one.hasGoSum ? [`${prefix}go.sum`] : [])];
  });
  return { files: [...work, ...modules], directory };
}

function chooseScenarios(
  wanted: readonly ScenarioName[],
  known: { readonly edits: PlannedEdits; readonly dockerfile: string; readonly isVendored: boolean },
): { readonly scenarios: readonly ScenarioName[]; readonly left: readonly string[] } {
  const reasons: Partial<Record<ScenarioName, string>> = {
    ...known.edits.missing,
    ...(known.isVendored ? { 'dependency-bump': 'the modules are in vendor/' } : {}),
    ...(otherGoFlag(known.dockerfile) === undefined
      ? { 'go-flags': 'the command sets both `-trimpath` and `-gcflags` itself' }
      : {}),
  };
  return {
    scenarios: wanted.filter((name) => reasons[name] === undefined),
    left: wanted.flatMap((name) => (reasons[name] === undefined ? [] : [`${name}: ${reasons[name]}`])),
  };
}
