import { writeBakeFile } from './bake-file.ts';
import { buildReferences } from './cache-references.ts';
import { type Choices, choose } from './choose.ts';
import { writeDockerfile } from './dockerfile.ts';
import { writeDockerignore } from './dockerignore.ts';
import { writeGithubWorkflow } from './github-workflow.ts';
import { writeGitlabPipeline } from './gitlab-pipeline.ts';
import { imageAddress } from './image-address.ts';
import { hasModuleLayer } from './manifests.ts';
import type { CiKind, InitPlan, InitWishes, PlannedFile, ProjectFacts, Question, Refusal } from './types.ts';

export type InitPlanning =
  | { readonly kind: 'plan'; readonly plan: InitPlan; readonly open: readonly Question[] }
  | { readonly kind: 'questions'; readonly questions: readonly Question[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What init would write, as data. `open` questions may be left unanswered. */
export function planInit(facts: ProjectFacts, wishes: InitWishes): InitPlanning {
  const chosen = choose(facts, wishes);
  if (chosen.kind !== 'choices') return chosen;
  const { choices, decisions, open } = chosen;
  const plan = {
    decisions,
    files: planFiles(facts, choices, wishes),
    notes: writeNotes(facts, choices, { open, ci: wishes.ci }),
    nextCommand: nextCommand(choices),
  };
  return { kind: 'plan', plan, open };
}

function planFiles(facts: ProjectFacts, choices: Choices, wishes: InitWishes): readonly PlannedFile[] {
  const { ci, withBake, slipwayVersion } = wishes;
  return [
    { path: 'Dockerfile', text: writeDockerfile(choices) },
    { path: ignoreFileName(facts), text: writeDockerignore(facts, choices) },
    ...(withBake === true ? [{ path: 'docker-bake.hcl', text: writeBakeFile(choices) }] : []),
    ...(ci === 'github'
      ? [{ path: '.github/workflows/image.yml', text: writeGithubWorkflow(choices, slipwayVersion) }]
      : []),
    ...(ci === 'gitlab' ? [{ path: '.gitlab-ci.yml', text: writeGitlabPipeline(choices, slipwayVersion) }] : []),
  ];
}

/**
 * Other Dockerfiles may copy what this one doesn't need: then the ignore file is for this one alone.
 * Source: https://docs.docker.com/build/concepts/context/#filename-and-location
 */
function ignoreFileName({ existing }: ProjectFacts): string {
  const own = 'Dockerfile.dockerignore';
  if (existing.ignoreFiles.includes(own)) return own;
  const isShared = existing.ignoreFiles.includes('.dockerignore') || otherDockerfiles(existing).length === 0;
  return isShared ? '.dockerignore' : own;
}

function otherDockerfiles(existing: ProjectFacts['existing']): readonly string[] {
  return existing.dockerfiles.filter((path) => path !== 'Dockerfile');
}

interface NoteFacts {
  readonly open: readonly Question[];
  readonly ci: CiKind | undefined;
}

function writeNotes(facts: ProjectFacts, choices: Choices, { open, ci }: NoteFacts): readonly string[] {
  const { program, module, isCgo, strategy } = choices;
  const { existing, generates } = facts;
  const loopback = program.addresses.find(({ isLoopback }) => isLoopback);
  const definitions = [...existing.workflows, ...existing.pipelines, ...existing.bakeFiles, ...existing.composeFiles];
  const [generator] = generates;
  const others = otherDockerfiles(existing);
  return [
    ...open.map(({ flag, text }) => `${text} Without \`${flag}\` nothing is exposed.`),
    ...(loopback === undefined
      ? []
      : [`The program listens on \`${loopback.address}\`, which nothing outside of its container reaches.`]),
    ...(generator === undefined
      ? []
      : [
          `The image build runs no \`go generate\`: commit what \`${generator.command}\` (${generator.file}) and its like write.`,
        ]),
    ...(program.cgo.answer === 'optional' && !isCgo
      ? [`\`${program.cgo.because[0]}\` is built without cgo; write \`--cgo\` where its Go side is not enough.`]
      : []),
    ...(choices.buildModules.some(({ requires }) => requires > 0) &&
    !module.hasGoSum &&
    !choices.isVendored &&
    !choices.usesWork
      ? [`\`${module.directory === '' ? '' : `${module.directory}/`}go.sum\` is missing: run \`go mod tidy\` first.`]
      : []),
    ...(strategy === 'layers' && !hasModuleLayer(choices) ? [missingLayer(choices)] : []),
    ...(ci === undefined ? [] : credentialNotes(choices, ci)),
    ...(facts.surroundings.hasOuterWorkspace
      ? ['A go.work above this directory is in force here, but is not part of the image build.']
      : []),
    ...(others.length === 0
      ? []
      : [`There are other Dockerfiles, which \`slipway lint\` can look at: ${others.join(', ')}.`]),
    ...(definitions.length === 0
      ? []
      : [`These files may build images too and are left as they are: ${definitions.join(', ')}.`]),
  ];
}

function missingLayer({ isVendored }: Choices): string {
  if (isVendored) return 'The modules are in vendor/, so there is no layer for them.';
  return 'There are no modules to download, so there is no layer for them; run init again when there are.';
}

/** What only the owner of the repository can set up. */
function credentialNotes(choices: Choices, ci: CiKind): readonly string[] {
  const { needsNetrc, needsSsh } = buildReferences(choices);
  const registry = imageAddress(choices)?.registry;
  const needsAccount = registry !== undefined && !(ci === 'github' && registry === 'ghcr.io');
  return [
    ...(needsAccount ? [`Set the secrets REGISTRY_USER and REGISTRY_PASSWORD to an account of \`${registry}\`.`] : []),
    ...(needsNetrc ? ['Set the secret NETRC of the repository to the contents of a .netrc file.'] : []),
    ...(needsSsh ? ['Start an ssh agent with a deploy key before the build in the workflow.'] : []),
  ];
}

function nextCommand(choices: Choices): string {
  const { needsNetrc, needsSsh } = buildReferences(choices);
  return [
    hasModuleLayer(choices) ? 'docker buildx build' : 'slipway build',
    ...(needsNetrc ? ['--secret id=netrc,src=$HOME/.netrc'] : []),
    ...(needsSsh ? ['--ssh default'] : []),
    `-t ${choices.imageName} .`,
  ].join(' ');
}
