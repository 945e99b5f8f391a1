import { insertBefore, moveBefore, removeCommand } from '../edits.ts';
import { lighter } from '../confidence.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CopyStep, RunStep } from '../facts/step.ts';
import { commandName } from '../reading/command-name.ts';
import { fetchOf, isToolInstall } from '../reading/fetches.ts';
import { findSourceCode, isContextBind } from '../reading/source-steps.ts';
import { stepsBefore } from '../reading/stage-steps.ts';
import { isMentioned } from '../reading/variable-use.ts';
import type { BuildRule, Edit, Fix, Problem } from '../types.ts';

export const toolchainFetchedInSourceLayer: BuildRule = {
  id: 'toolchain-fetched-in-source-layer',
  number: 25,
  subject: 'build',
  group: 'layers',
  severity: 'medium',
  fix: 'unsafe',
  summary: 'packages or tools are fetched below the sources, so each edit fetches them again',
  check: (build) => build.runs.flatMap((run) => checkRun(build, run)),
};

function checkRun(build: ImageBuild, run: RunStep): readonly Problem[] {
  const command = run.commands.find((each) => isPlainFetch(each, build));
  if (command === undefined || run.isTrigger || !compilesLater(build, run)) return [];
  const copy = stepsBefore(run).find(
    (step): step is CopyStep => (step.kind === 'copy' || step.kind === 'add') && findSourceCode(step) !== undefined,
  );
  const bind = run.mounts.find((mount) => isContextBind(mount));
  if (copy === undefined && bind === undefined) return [];
  const source = copy === undefined ? 'the bind of the build context' : `\`${findSourceCode(copy)?.text ?? ''}\``;
  const isUpgrade = command.argv.some((word) => /^(?:dist-|full-)?upgrade$/.test(word));
  const severity = isUpgrade ? 'high' : 'medium';
  const fix = copy === undefined ? undefined : fixOf(build, run, { command, copy });
  return [
    {
      file: build.file,
      range: command.range,
      message: `${commandName(command)} needs no sources, but stands below ${source}, so every edit runs it again`,
      cost: 'the same packages or tools fetched again after every edit',
      severity: isCached(run, command) ? lighter(severity) : severity,
      ...(fix && { fix }),
    },
  ];
}

/** A fetch whose words are all known, so that nothing of the sources is in them. */
function isPlainFetch(command: CommandFacts, { file }: ImageBuild): boolean {
  const fetch = fetchOf(command);
  if (fetch === undefined || fetch === 'modules' || command.file !== file || !command.isAlwaysRun) return false;
  if (command.hasMoreWords || command.redirects.some(({ operator }) => operator === '<')) return false;
  return command.words.every(({ value }) => value !== undefined && (/^https?:/.test(value) || !OWN_FILE.test(value)));
}

const OWN_FILE = /^\.{0,2}\/(?!tmp|opt|usr|root|go\b)|\.(?:deb|rpm|apk|txt)$/;

/** The stage compiles Go, here or in a stage built on it. */
function compilesLater(build: ImageBuild, run: RunStep): boolean {
  return build.flows.some(
    ({ compile }) => compile.run.stage.chain.includes(run.stage) && !isToolInstall(compile.command),
  );
}

/** The files come from a cache mount. */
function isCached({ mounts }: RunStep, command: CommandFacts): boolean {
  const { goCache, goModCache } = command.go ?? {};
  if (command.go !== undefined) return goCache?.mount !== undefined && goModCache?.mount !== undefined;
  return mounts.some(({ type, target }) => type === 'cache' && /^\/(?:var\/cache|etc\/apk\/cache)/.test(target ?? ''));
}

interface Found {
  readonly command: CommandFacts;
  readonly copy: CopyStep;
}

/** The whole RUN goes above the sources when it does nothing else; else its only fetch gets a RUN of its own there. */
function fixOf(build: ImageBuild, run: RunStep, { command, copy }: Found): Fix | undefined {
  if (copy.stage !== run.stage || copy.isTrigger || copy.before.user !== run.before.user) return undefined;
  const title = `Fetch above \`${findSourceCode(copy)?.text ?? ''}\``;
  const between = run.stage.steps.slice(copy.index, run.index);
  const names = new Set(
    between.flatMap((step) =>
      step.kind === 'arg' || step.kind === 'env' ? step.declares.map(({ name }) => name) : [],
    ),
  );
  if (isMentioned(run.node.raw, names) || [...names].some((name) => /^(?:PATH|GO\w*|CGO_.*|.*_proxy)$/i.test(name)))
    return undefined;
  const isAlone = run.notFollowed.length === 0 && run.mounts.every(({ type }) => type === 'cache');
  if (isAlone && run.commands.every((each) => isHousekeeping(each))) {
    return { isSafe: false, title, edits: [moveBefore(build, [run], copy)] };
  }
  const family = run.commands.filter(
    (each) => !each.isSetting && each.program === command.program && each.go === undefined,
  );
  const isSingle =
    command.go !== undefined || (family.length === 1 && command.program !== 'curl' && command.program !== 'wget');
  if (!isSingle || command.assignments.length > 0 || command.redirects.length > 0 || command.wrappers.length > 0)
    return undefined;
  const removal = removeCommand(build, run, command);
  const edits: readonly Edit[] = [...(removal ?? []), insertBefore(build, copy, [`RUN ${command.text}`])];
  return removal && { isSafe: false, title, edits };
}

/** What goes with a fetch and touches no sources. */
function isHousekeeping(command: CommandFacts): boolean {
  if (command.isSetting) return command.argv[0] !== 'cd';
  if (command.words.some(({ value }) => value === undefined)) return false;
  if (fetchOf(command) !== undefined) return fetchOf(command) !== 'modules';
  if (command.go !== undefined) return false;
  return HOUSEKEEPING.has(command.program) && command.argv.slice(1).every((word) => !/^\.{1,2}(?:\/|$)/.test(word));
}

const HOUSEKEEPING = new Set(
  'apt-get apt apk yum dnf microdnf tdnf zypper update-ca-certificates set echo true'.split(' '),
).add('rm');
