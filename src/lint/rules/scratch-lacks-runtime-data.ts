import { reachPackages, type Reached } from '../../golang/packages/reach.ts';
import { runtimeNeedsOf } from '../../golang/packages/runtime-needs.ts';
import { insertBefore } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import type { CopyStep } from '../facts/step.ts';
import { commandName } from '../reading/command-name.ts';
import { compiledPrograms } from '../reading/compiled-programs.ts';
import { copyOfOutput } from '../reading/shipped-program.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const scratchLacksRuntimeData: BuildRule = {
  id: 'scratch-lacks-runtime-data',
  number: 40,
  subject: 'build',
  group: 'image',
  severity: 'medium',
  fix: 'unsafe',
  summary: 'a program in scratch has no root certificates or time zones, and uses them',
  check: (build) => {
    const root = build.target.chain.at(-1);
    if (root?.baseName !== 'scratch' || root.image !== undefined || bringsTree(build)) return [];
    return build.flows.flatMap(({ compile }) => checkCompile(build, compile));
  },
};

function checkCompile(build: ImageBuild, compile: CommandInRun): readonly Problem[] {
  const { run, command } = compile;
  if (command.go?.subcommand !== 'build' && command.go?.subcommand !== 'install') return [];
  const copy = copyOfOutput(build, compile);
  const programs = copy === undefined ? undefined : compiledPrograms(build, run, command, false);
  if (copy === undefined || programs === undefined) return [];
  const reached = reachPackages(build.repository.go, programs.mains, programs);
  const { needsCertificates, needsTimeZones } = ownNeeds(reached);
  const lacksRoots = needsCertificates && !brings(build, CERTIFICATES, /^SSL_CERT_(?:FILE|DIR)$/);
  const hasZones = programs.target.tags.includes('timetzdata') || brings(build, ZONES, /^ZONEINFO$/);
  const lacksZones = needsTimeZones && !hasZones;
  const lacks = [...(lacksRoots ? ['root certificates'] : []), ...(lacksZones ? ['time zones'] : [])];
  if (lacks.length === 0) return [];
  const fix = fixOf(build, compile, { copy, lacksRoots, lacksZones });
  return [
    {
      file: build.file,
      range: build.target.chain.at(-1)?.from.words[0]?.range ?? build.target.range,
      message: `The program of ${commandName(command)} uses ${lacks.join(' and ')}, and scratch has none`,
      cost: lacksRoots ? 'TLS connections fail with "certificate signed by unknown authority"' : '"unknown time zone"',
      ...(fix === undefined ? {} : { fix }),
    },
  ];
}

/** What its own code shows; modules that aren't here may do anything, which is no ground for a finding. */
function ownNeeds(reached: Reached): ReturnType<typeof runtimeNeedsOf> {
  const embeds = [...reached.external].filter(([path]) => path === 'golang.org/x/crypto/x509roots/fallback');
  const needs = runtimeNeedsOf({ ...reached, external: new Map() });
  return embeds.length > 0 ? { ...needs, needsCertificates: false } : needs;
}

const CERTIFICATES = /cert|\/ssl(?:\/|$)|\/pki(?:\/|$)|ca-bundle|^\/?etc\/?$/i;
const ZONES = /zoneinfo|tzdata|^\/?usr\/share\/?$/;

function brings({ target }: ImageBuild, paths: RegExp, variables: RegExp): boolean {
  return target.chain.some(({ steps }) =>
    steps.some((step) => {
      if (step.kind === 'env') return step.declares.some(({ name }) => variables.test(name));
      if (step.kind !== 'copy' && step.kind !== 'add') return false;
      return [step.destination ?? '', ...step.sources.map(({ value }) => value)].some((path) => paths.test(path));
    }),
  );
}

/** A whole file tree, whose content isn't known. */
function bringsTree({ target }: ImageBuild): boolean {
  return target.chain.some(({ steps }) =>
    steps.some(
      (step) =>
        (step.kind === 'copy' || step.kind === 'add') &&
        step.sources.some(
          ({ value, meaning }) =>
            /\.(?:tar|tgz|tar\.\w+)$|(?:^|\/)(?:rootfs|root|sysroot|chroot)\/?\.?$|^\/$/.test(value) ||
            meaning === 'url' ||
            (step.destination === '/' && (value.endsWith('/') || meaning === 'context' || meaning === 'directory')),
        ),
    ),
  );
}

interface Lack {
  readonly copy: CopyStep;
  readonly lacksRoots: boolean;
  readonly lacksZones: boolean;
}

/** The golang images have both: ca-certificates, and Go's own time zones. */
function fixOf(build: ImageBuild, { run }: CommandInRun, { copy, lacksRoots, lacksZones }: Lack): Fix | undefined {
  if (run.stage.chain.at(-1)?.image?.isGolang !== true || copy.isTrigger || copy.from === undefined) return undefined;
  const from = `COPY --from=${copy.from}`;
  const roots = `${from} /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/`;
  const zones = [`${from} /usr/local/go/lib/time/zoneinfo.zip /zoneinfo.zip`, 'ENV ZONEINFO=/zoneinfo.zip'];
  return {
    isSafe: false,
    title: 'Copy what the program needs from the build stage',
    edits: [insertBefore(build, copy, [...(lacksRoots ? [roots] : []), ...(lacksZones ? zones : [])])],
  };
}
