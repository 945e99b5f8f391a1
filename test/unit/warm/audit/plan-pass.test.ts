import { describe, expect, it } from 'vitest';
import { isSlipwayError } from '../../../../src/core/errors.ts';
import type { UserBuild } from '../../../../src/buildkit/types.ts';
import { findObstacle } from '../../../../src/warm/audit/find-obstacle.ts';
import { planPass } from '../../../../src/warm/audit/plan-pass.ts';
import { planBuild } from '../../../../src/warm/plan-build.ts';
import type { AuditBuildName } from '../../../../src/warm/audit/types.ts';

const MOUNT = '--mount=type=cache,target=/root/.cache/go-build';

async function planned(fileText: string, changes: Partial<UserBuild> = {}) {
  const lists = { platforms: [], tags: [], labels: [], buildContexts: [], secrets: [], ssh: [], outputs: [] };
  const userBuild = {
    context: '.',
    file: '-',
    fileText,
    target: undefined,
    buildArgs: [],
    passthrough: [],
    ...lists,
    ...changes,
  } as unknown as UserBuild;
  return planBuild(userBuild, {});
}

async function plan(fileText: string, name: AuditBuildName = 'warm', changes: Partial<UserBuild> = {}) {
  const pass = { name, namespace: 'ns', nonce: 'n1', ignoreText: undefined };
  return planPass(await planned(fileText, changes), pass, {});
}

describe('a build of an audit', () => {
  it('declares a nonce above each step that mounts a Go cache, and leaves all else as it is', async () => {
    const head = '\ufeff# syntax=docker/dockerfile:1\r\nFROM golang:1.26 AS build\r\nRUN apt-get update\n# compile\n';
    const go = `RUN ${MOUNT} \\\n    go build \\\n    -o /app .\n`;
    const tail = `FROM scratch\nCOPY --from=build /app /app`;
    const build = await plan(`${head}${go}RUN ls\n${go}${tail}`);
    expect(build.fileText).toBe(`${head}ARG SLIPWAY_AUDIT=n1\n${go}RUN ls\nARG SLIPWAY_AUDIT=n1\n${go}${tail}`);
  });

  it('has its own mounts, whatever namespace was given', async () => {
    const buildArgs = ['BUILDKIT_CACHE_MOUNT_NS=mine', 'A=1', 'BUILDKIT_CACHE_MOUNT_NS'];
    const build = await plan(`FROM golang:1.26\nRUN ${MOUNT} go build .\n`, 'cold', { buildArgs });
    expect(build.buildArgs).toEqual(['A=1', 'BUILDKIT_CACHE_MOUNT_NS=ns']);
  });

  it('asks Go to check what it finds, beside what GODEBUG says already', async () => {
    const build = await plan(`FROM golang:1.26\nENV GODEBUG=netdns=go\nRUN ${MOUNT} go build .\n`, 'verify');
    expect(build.fileText).toMatch(
      /\nARG SLIPWAY_AUDIT=n1\nARG GODEBUG\nENV GODEBUG=\$\{GODEBUG:\+\$GODEBUG,\}gocacheverify=1\nRUN --mount/,
    );
  });

  it('leaves stages alone that the target does not need', async () => {
    const other = `FROM golang:1.26 AS other\nRUN ${MOUNT} go test ./...\n`;
    const build = await plan(`${other}FROM golang:1.26 AS app\nRUN ${MOUNT} go build .\n`, 'warm', { target: 'app' });
    expect(build.fileText?.startsWith(other)).toBe(true);
    expect(build.fileText).toMatch(/AS app\nARG SLIPWAY_AUDIT=n1\nRUN/);
  });

  it('is refused where a step comes from ONBUILD', async () => {
    const file = `FROM golang:1.26 AS base\nONBUILD RUN ${MOUNT} go build .\nFROM base\n`;
    await expect(plan(file)).rejects.toSatisfy((error) => isSlipwayError(error, 'AUDIT_IMPOSSIBLE'));
  });
});

describe('what stands against an audit', () => {
  it.each([
    ['a frontend of its own', `# syntax=example.com/own:1\nFROM golang:1.26\nRUN ${MOUNT} go build .\n`, /frontend/],
    ['no mount', 'FROM golang:1.26\nRUN go build .\n', /no cache mount/],
    ['modules only', 'FROM golang:1.26\nRUN --mount=type=cache,target=/go/pkg/mod go build .\n', /no cache mount/],
    ['a mount that starts full', `FROM golang:1.26\nRUN ${MOUNT},from=example.com/warm go build .\n`, /starts from/],
  ])('%s', async (_, file, reason) => {
    expect(findObstacle(await planned(file))?.reason).toMatch(reason);
  });

  it('nothing, of a usual build', async () => {
    expect(findObstacle(await planned(`FROM golang:1.26\nRUN ${MOUNT} go build .\n`))).toBeUndefined();
  });
});
