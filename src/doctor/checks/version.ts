import type { BuilderFacts } from '../../buildkit/builder-facts.ts';
import { isBelow, parseVersion } from '../../buildkit/engine-version.ts';
import { findProgram } from '../../buildkit/find-program.ts';
import { runChild } from '../../process/run-child.ts';
import { withBuilder } from '../needs-builder.ts';
import { shellWord } from '../shell-word.ts';
import type { Check, DoctorContext, Said } from '../types.ts';

export const versionCheck: Check = {
  id: 'version',
  looksAt:
    'the versions of BuildKit and, where slipway starts it, runc: holes that are known to let a build out of its container',
  run: (context) =>
    withBuilder(
      context,
      async () => ({ builder: await context.builder(), runc: await readRuncVersion(context) }),
      ({ builder, runc }) => [...judgeBuildkit(builder), ...(runc === undefined ? [] : [judgeRunc(runc)])],
    ),
};

interface Hole {
  /** The first version without it. */
  readonly mendedIn: readonly [number, number, number];
  readonly name: string;
  readonly what: string;
}

/** Those that a Dockerfile or what it builds can use. Newest first: a version below it has all that follow, too. */
const BUILDKIT_HOLES: readonly Hole[] = [
  {
    // github.com/moby/buildkit/releases/tag/v0.33.1
    mendedIn: [0, 33, 1],
    name: 'GHSA-p3rc-w3hc-pqvv',
    what: 'blobs and layers were cached without a check against their digest',
  },
  {
    // github.com/moby/buildkit/security/advisories/GHSA-32pv-7hq5-qhwq
    mendedIn: [0, 31, 2],
    name: 'GHSA-32pv-7hq5-qhwq',
    what: "a file operation could empty the builder's /tmp",
  },
  {
    // github.com/moby/buildkit/security/advisories/GHSA-4c29-8rgm-jvjj
    mendedIn: [0, 28, 1],
    name: 'CVE-2026-33747',
    what: "a `# syntax=` frontend could write outside BuildKit's directory",
  },
];

/** The pure part for BuildKit. */
export function judgeBuildkit({ driver, name, nodes }: BuilderFacts): readonly Said[] {
  const versions = new Set(nodes.flatMap(({ version }) => version ?? []));
  if (versions.size === 0) return [{ level: 'info', says: 'the builder does not say which BuildKit it is' }];
  return [...versions].map((text) => {
    const version = parseVersion(text);
    if (version === undefined) return { level: 'info', says: `BuildKit \`${text}\` has no version to look up` };
    const holes = BUILDKIT_HOLES.filter(({ mendedIn }) => isBelow(version, mendedIn));
    const [newest] = holes;
    if (newest === undefined) return { level: 'ok', says: `BuildKit ${text} has no hole that slipway knows of` };
    const told = holes.map(({ name, what }) => `${name}: ${what}`).join('; ');
    const wanted = newest.mendedIn.join('.');
    return {
      level: 'warning',
      says: `BuildKit ${text} is older than ${wanted} (${told})`,
      mend: updateCommand({ driver, name }, wanted),
    };
  });
}

function updateCommand({ driver, name }: Pick<BuilderFacts, 'driver' | 'name'>, wanted: string): string {
  if (driver === 'docker') return 'apt-get install --only-upgrade docker-ce docker-buildx-plugin';
  const builder = shellWord(name);
  if (driver === 'docker-container')
    return `docker pull moby/buildkit:buildx-stable-1 && docker buildx rm --keep-state ${builder} && docker buildx create --use --driver docker-container --name ${builder}`;
  const address = `https://github.com/moby/buildkit/releases/download/v${wanted}/buildkit-v${wanted}.linux-$(dpkg --print-architecture).tar.gz`;
  return `curl -fsSL ${address} | sudo tar -xz -C /usr/local`;
}

const RUNC_HOLES: readonly Hole[] = [
  {
    // github.com/opencontainers/runc/releases/tag/v1.2.8, and v1.3.3 for that line
    mendedIn: [1, 2, 8],
    name: 'CVE-2025-31133',
    what: 'a step could get out through /proc',
  },
  {
    // github.com/opencontainers/runc/releases/tag/v1.1.12
    mendedIn: [1, 1, 12],
    name: 'CVE-2024-21626',
    what: "a WORKDIR could lead into the host's files",
  },
];

/** The pure part for runc: `1.1.5+ds1-1+deb12u1` is a distribution's, which mends without a new number. */
export function judgeRunc(text: string): Said {
  const version = parseVersion(text);
  if (version === undefined) return { level: 'info', says: `runc \`${text}\` has no version to look up` };
  const line13: Hole['mendedIn'] = [1, 3, 3];
  const isOf13 = version[0] === 1 && version[1] === 3;
  const holes = RUNC_HOLES.filter(({ mendedIn }, index) => isBelow(version, isOf13 && index === 0 ? line13 : mendedIn));
  if (holes.length === 0) return { level: 'ok', says: `runc ${text} has no hole that slipway knows of` };
  const told = holes.map(({ name, what }) => `${name}: ${what}`).join('; ');
  const isPatched = /\d\+|~|-\d/.test(text);
  return {
    level: isPatched ? 'info' : 'warning',
    says: isPatched
      ? `runc ${text} bears an old number (${told}), and may be mended by its distribution all the same`
      : `runc ${text} has known holes (${told})`,
    mend: 'apt-get install --only-upgrade runc',
  };
}

/** Of the runc on this machine, where slipway's own buildkitd uses it; undefined elsewhere. */
async function readRuncVersion(context: DoctorContext): Promise<string | undefined> {
  if ((await context.engine()).kind !== 'embedded') return undefined;
  const command = await findProgram('runc', context.env);
  if (command === undefined) return undefined;
  const lines: string[] = [];
  const { env, signal } = context;
  await runChild(command, { args: ['--version'], env, signal, onStdoutLine: (line) => lines.push(line) });
  return /^runc version (\S+)/m.exec(lines.join('\n'))?.[1];
}
