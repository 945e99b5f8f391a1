import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { discoverEngine, type EngineChoice } from '../../../src/buildkit/discover-engine.ts';
import { createLogger } from '../../../src/core/logger.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-discover-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Stand-ins that answer as the real programs do when they are asked who they are. */
const PROGRAMS = {
  buildctl: `case "$*" in
--version) echo "buildctl github.com/moby/buildkit v0.33.1 abc" ;;
"debug info") echo "BuildKit: github.com/moby/buildkit v0.33.1 abc" ;;
esac`,
  'old buildctl': 'echo "buildctl github.com/moby/buildkit v0.12.5 abc"',
  'buildctl to an old BuildKit': `case "$*" in
--version) echo "buildctl github.com/moby/buildkit v0.33.1 abc" ;;
*) echo "BuildKit: github.com/moby/buildkit v0.11.0 abc" ;;
esac`,
  'buildctl to nobody': `case "$*" in
--version) echo "buildctl github.com/moby/buildkit v0.33.1 abc" ;;
*) echo "error: connection refused" >&2; exit 1 ;;
esac`,
  docker: `[ "$1" = buildx ] || exit 1
case "$2" in
version) echo "github.com/docker/buildx v0.38.2 abc" ;;
inspect) printf 'Name:   %s\\nDriver: docker-container\\n\\nNodes:\\nStatus: running\\nBuildKit version: v0.33.1\\n' "\${3:-current}" ;;
esac`,
  'docker without buildx': 'echo "docker: unknown command: docker buildx" >&2; exit 1',
  'docker with a stopped builder': `case "$2" in
version) echo "github.com/docker/buildx v0.38.2 abc" ;;
inspect) printf 'Name: far\\nDriver: remote\\nStatus: inactive\\nError: no route to host\\n' ;;
esac`,
  'docker with an old buildx': 'echo "github.com/docker/buildx v0.12.0 abc"',
} as const;

type ProgramName = keyof typeof PROGRAMS;

interface Machine {
  /** Program on PATH -> which stand-in. */
  readonly has: Readonly<Record<string, ProgramName>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly builder?: string;
  readonly engine?: EngineChoice;
}

let machines = 0;

async function discover(machine: Machine): Promise<string> {
  const bin = path.join(directory, String((machines += 1)));
  await mkdir(bin);
  for (const [name, program] of Object.entries(machine.has)) {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${PROGRAMS[program]}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  const engine = await discoverEngine({
    env: { PATH: bin, ...machine.env },
    ...(machine.builder === undefined ? {} : { userBuilder: machine.builder }),
    engine: machine.engine ?? 'auto',
    cacheDirectory: path.join(bin, 'cache'),
    signal: new AbortController().signal,
    logger: createLogger(() => {}, false),
  });
  return `${engine.kind}: ${engine.description}`;
}

const HOST = { BUILDKIT_HOST: 'tcp://far:1234' };
const BOTH = { buildctl: 'buildctl', docker: 'docker' } as const;

it.each<[string, Machine, string]>([
  ['BUILDKIT_HOST before docker', { has: BOTH, env: HOST }, 'buildctl: buildctl at tcp://far:1234, BuildKit v0.33.1'],
  [
    'a named builder before BUILDKIT_HOST',
    { has: BOTH, env: HOST, builder: 'mine' },
    'buildx: docker buildx, builder mine (docker-container), BuildKit v0.33.1',
  ],
  [
    'BUILDX_BUILDER too',
    { has: BOTH, env: { ...HOST, BUILDX_BUILDER: 'theirs' } },
    'buildx: docker buildx, builder theirs (docker-container), BuildKit v0.33.1',
  ],
  [
    'docker where no host is named',
    { has: BOTH },
    'buildx: docker buildx, builder current (docker-container), BuildKit v0.33.1',
  ],
  [
    'docker where BUILDKIT_HOST is empty',
    { has: BOTH, env: { BUILDKIT_HOST: '' } },
    'buildx: docker buildx, builder current (docker-container), BuildKit v0.33.1',
  ],
  [
    'what --engine says',
    { has: BOTH, env: HOST, engine: 'buildx' },
    'buildx: docker buildx, builder current (docker-container), BuildKit v0.33.1',
  ],
])('takes %s', async (_, machine, found) => {
  expect(await discover(machine)).toBe(found);
});

it.each<[string, Machine, string, string]>([
  [
    'nothing',
    { has: {} },
    'ENGINE_MISSING',
    'no BuildKit found: docker buildx is not installed, and no buildkitd to start',
  ],
  ['docker alone', { has: { docker: 'docker without buildx' } }, 'ENGINE_MISSING', 'docker buildx is not installed'],
  [
    'a host without buildctl',
    { has: {}, env: HOST },
    'ENGINE_MISSING',
    'BUILDKIT_HOST is `tcp://far:1234` but buildctl is not on PATH',
  ],
  [
    'a host that is down',
    { has: { ...BOTH, buildctl: 'buildctl to nobody' }, env: HOST },
    'ENGINE_FAILED',
    'the BuildKit at `tcp://far:1234` does not answer: error: connection refused',
  ],
  ['an old buildctl', { has: { buildctl: 'old buildctl' }, env: HOST }, 'ENGINE_TOO_OLD', 'buildctl 0.12.5 is too old'],
  [
    'an old BuildKit',
    { has: { buildctl: 'buildctl to an old BuildKit' }, env: HOST },
    'ENGINE_TOO_OLD',
    'BuildKit 0.11.0 is too old',
  ],
  [
    'an old buildx',
    { has: { docker: 'docker with an old buildx' } },
    'ENGINE_TOO_OLD',
    'docker buildx 0.12.0 is too old',
  ],
  [
    'a builder that is down',
    { has: { docker: 'docker with a stopped builder' }, builder: 'far' },
    'ENGINE_MISSING',
    'builder `far` does not answer: Error: no route to host',
  ],
  [
    '--engine buildx with such a builder',
    { has: { docker: 'docker with a stopped builder' }, engine: 'buildx' },
    'ENGINE_MISSING',
    'no builder that answers: Error: no route to host',
  ],
  [
    '--engine buildctl without a host',
    { has: BOTH, engine: 'buildctl' },
    'ENGINE_MISSING',
    'needs BUILDKIT_HOST and buildctl',
  ],
  [
    '--engine embedded without buildkitd',
    { has: BOTH, engine: 'embedded' },
    'ENGINE_MISSING',
    'needs buildkitd, buildctl and runc',
  ],
])('with %s says what is wrong', async (_, machine, code, message) => {
  await expect(discover(machine)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
});
