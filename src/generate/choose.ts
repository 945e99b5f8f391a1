import { chooseGoVersion, chooseImages, type ImageChoice } from './choose-images.ts';
import { choosePrivateAccess, type PrivateAccess } from './choose-private.ts';
import { chooseProgram } from './choose-program.ts';
import { refuseNames } from './plain-names.ts';
import type {
  Base,
  Decision,
  InitWishes,
  ModuleFacts,
  ProgramFacts,
  ProjectFacts,
  Question,
  Refusal,
  Strategy,
} from './types.ts';

/** Everything that the files are written from: no questions left. */
export interface Choices {
  readonly program: ProgramFacts;
  readonly module: ModuleFacts;
  readonly strategy: Strategy;
  readonly isCgo: boolean;
  readonly base: Base;
  readonly images: ImageChoice;
  readonly ports: readonly number[];
  /** Empty: the platform of whoever builds. */
  readonly platforms: readonly string[];
  readonly imageName: string;
  readonly access: PrivateAccess;
  /** `main.version`, set by `-X`; undefined without one. */
  readonly versionVariable: string | undefined;
  /** go.work is in force for the program's module. */
  readonly usesWork: boolean;
  /** There is a go.work at the root, in force or not. */
  readonly hasWorkspace: boolean;
  readonly hasWorkSum: boolean;
  readonly isVendored: boolean;
  /** Modules of the tree that the build is made of, the program's first. */
  readonly buildModules: readonly ModuleFacts[];
}

export type Choosing =
  | {
      readonly kind: 'choices';
      readonly choices: Choices;
      readonly decisions: readonly Decision[];
      readonly open: readonly Question[];
    }
  | { readonly kind: 'questions'; readonly questions: readonly Question[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Decides all that the facts and the wishes decide; what is left comes back as questions. */
export function choose(facts: ProjectFacts, wishes: InitWishes): Choosing {
  const picked = chooseProgram(facts.programs, wishes.main);
  if ('message' in picked) return { kind: 'refused', refusal: picked };
  if ('flag' in picked) return { kind: 'questions', questions: [picked] };
  const { program } = picked;
  const module = facts.modules.find(({ directory }) => directory === program.module);
  if (module === undefined) throw new Error(`no module at \`${program.module}\``);
  const usesWork = facts.workspace?.modules.includes(module.directory) ?? false;
  const buildModules = modulesOf(facts, module, usesWork);
  const isVendored = usesWork ? (facts.workspace?.isVendored ?? false) : module.isVendored;
  const access = choosePrivateAccess(facts.surroundings, wishes, {
    modules: isVendored ? [] : buildModules.flatMap((one) => one.privateModules),
  });
  const cgo = chooseCgo(program, wishes.isCgo);
  const questions = [cgo, access].filter((one) => 'flag' in one);
  const refusal = refuse(facts, wishes, { buildModules, usesWork, isVendored, isCgo: 'isCgo' in cgo && cgo.isCgo });
  if (refusal !== undefined) return { kind: 'refused', refusal };
  if ('flag' in cgo || 'flag' in access) return { kind: 'questions', questions };
  const base = chooseBase(cgo.isCgo, wishes.base);
  const images = chooseImages(chooseGoVersion(buildModules, usesWork ? facts.workspace : undefined), {
    isCgo: cgo.isCgo,
    base: base.value,
    goImage: wishes.goImage,
  });
  const ports = choosePorts(program, wishes.ports);
  const version = wishes.versionVariable ?? program.versionVariables[0];
  const strategy = wishes.strategy ?? 'mounts';
  const choices: Choices = {
    program,
    module,
    strategy,
    isCgo: cgo.isCgo,
    base: base.value,
    images,
    ports: ports.value,
    platforms: wishes.platforms ?? [],
    imageName: wishes.image ?? program.name,
    access: access.access,
    versionVariable: version,
    usesWork,
    hasWorkspace: facts.workspace !== undefined,
    hasWorkSum: facts.workspace?.hasSum ?? false,
    isVendored,
    buildModules,
  };
  const unfit = refuseNames(choices);
  if (unfit !== undefined) return { kind: 'refused', refusal: unfit };
  return {
    kind: 'choices',
    choices,
    decisions: [
      { name: 'program', value: program.importPath, because: picked.because },
      { name: 'strategy', value: strategy, because: wishes.strategy === undefined ? 'the default' : '--strategy' },
      { name: 'cgo', value: cgo.isCgo ? 'on' : 'off', because: cgo.because },
      { name: 'builder image', value: images.builder, because: images.because },
      { name: 'final image', value: images.final, because: base.because },
      { name: 'ports', value: ports.value.join(', ') || 'none', because: ports.because },
      {
        name: 'version',
        value: version ?? 'none',
        because: wishes.versionVariable === undefined ? versionReason(version) : '--version-variable',
      },
      ...access.decisions,
    ],
    open: ports.question === undefined ? [] : [ports.question],
  };
}

/** The program's module, the others of its workspace, and the local replacements, each once. */
function modulesOf(facts: ProjectFacts, module: ModuleFacts, usesWork: boolean): readonly ModuleFacts[] {
  const workspace = usesWork ? facts.workspace : undefined;
  const mains = workspace === undefined ? [module.directory] : [module.directory, ...workspace.modules];
  const found = (directory: string): readonly ModuleFacts[] =>
    facts.modules.filter((one) => one.directory === directory);
  const all = mains.flatMap(found);
  const replaced = [...all.flatMap((one) => one.localReplacements), ...(workspace?.localReplacements ?? [])];
  return [...new Set([...all, ...replaced.flatMap(found)])];
}

function chooseCgo(
  program: ProgramFacts,
  wish: boolean | undefined,
): { readonly isCgo: boolean; readonly because: string } | Question {
  if (wish !== undefined) return { isCgo: wish, because: '--cgo' };
  const { answer, because } = program.cgo;
  const named = because.join(', ');
  if (answer === 'yes') return { isCgo: true, because: `${named} needs it` };
  if (answer === 'optional') return { isCgo: false, because: `${named} also builds without it` };
  if (answer !== 'maybe') return { isCgo: false, because: 'nothing points to it' };
  return {
    flag: '--cgo',
    text: `go.mod requires ${named}, which needs cgo, but no package here imports it. Does the program need cgo?`,
    options: ['true', 'false'],
    isRequired: true,
  };
}

function chooseBase(isCgo: boolean, wish: Base | undefined): { readonly value: Base; readonly because: string } {
  if (wish !== undefined) return { value: wish, because: '--base' };
  if (isCgo) return { value: 'debian', because: 'a cgo program needs the C library it was linked with' };
  return { value: 'scratch', because: 'a static program needs nothing else' };
}

function choosePorts(
  program: ProgramFacts,
  wish: readonly number[] | undefined,
): { readonly value: readonly number[]; readonly because: string; readonly question?: Question } {
  if (wish !== undefined) return { value: wish, because: '--port' };
  const reachable = program.addresses.filter(({ isLoopback }) => !isLoopback);
  const value = [...new Set(reachable.map(({ port }) => port))];
  if (value.length > 0)
    return { value, because: `the program listens on ${reachable.map((one) => one.address).join(', ')}` };
  if (!program.listens) return { value, because: 'the program does not listen' };
  const question = { flag: '--port', text: 'Which port does the program listen on?', options: [], isRequired: false };
  return { value, because: 'the program listens, but no literal says where', question };
}

function versionReason(variable: string | undefined): string {
  return variable === undefined ? 'no variable of that name' : `${variable} can be set when linking`;
}

interface RefusalFacts {
  readonly buildModules: readonly ModuleFacts[];
  readonly usesWork: boolean;
  readonly isVendored: boolean;
  readonly isCgo: boolean;
}

/** What no answer mends. */
function refuse(facts: ProjectFacts, wishes: InitWishes, known: RefusalFacts): Refusal | undefined {
  const outside = known.isVendored
    ? []
    : [
        ...known.buildModules.flatMap((one) => one.outside),
        ...(known.usesWork ? (facts.workspace?.outside ?? []) : []),
      ];
  if (outside.length > 0) {
    return {
      message: `\`${outside[0]}\` lies outside of this directory, and so outside of the build's context`,
      hint: 'Run `slipway init` in the directory that holds both, or `go mod vendor` first.',
    };
  }
  if (!known.isCgo) return undefined;
  if (wishes.base === 'scratch') {
    return {
      message: 'a cgo program is linked with a C library, which `--base scratch` does not have',
      hint: 'Write `--base debian`, `--base distroless` or `--base alpine`, or `--cgo=false` if it builds without.',
    };
  }
  if ((wishes.platforms?.length ?? 0) > 1) {
    return {
      message:
        'a cgo program is not cross-compiled, so one Dockerfile would compile under emulation for all but one platform',
      hint: 'Name one `--platform` and build each on a machine of its own, or write `--cgo=false` if it builds without.',
    };
  }
  const isMusl = wishes.goImage?.includes('alpine') ?? wishes.base === 'alpine';
  if (isMusl === (wishes.base === 'alpine')) return undefined;
  return {
    message: 'the builder of `--go-image` and the image of `--base` have different C libraries',
    hint: 'Take both from Alpine, or both from Debian.',
  };
}
