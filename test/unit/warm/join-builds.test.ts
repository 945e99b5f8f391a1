import { describe, expect, it } from 'vitest';
import { factsOptions } from '../../../src/warm/plan-build.ts';
import { joinBuilds } from '../../../src/warm/join-builds.ts';
import type { PlannedBuild } from '../../../src/warm/types.ts';
import { readBuildFacts } from '../../../src/dockerfile/build-facts.ts';
import type { UserBuild } from '../../../src/buildkit/types.ts';
import { PLAIN_BUILD } from '../buildkit/plain-build.ts';

const OBJECTS = 'type=cache,target=/root/.cache/go-build';
const MODULES = 'type=cache,target=/go/pkg/mod';

function plan(mounts: readonly string[], build: Partial<UserBuild> = {}, head = ''): PlannedBuild {
  const flags = mounts.map((mount) => `--mount=${mount}`).join(' ');
  const dockerfileText = `${head}FROM golang:1.26 AS build\nRUN ${flags} go build -o /app .\n`;
  const userBuild = { ...PLAIN_BUILD, ...build };
  const dockerfilePath = `${userBuild.context}/Dockerfile`;
  const facts = readBuildFacts(dockerfileText, factsOptions(userBuild, dockerfilePath, {}));
  return { userBuild, dockerfilePath, dockerfileText, facts };
}

function mountsOf(joined: readonly PlannedBuild[]): readonly (readonly string[])[] {
  return joined.map(({ facts }) => facts.mounts.map(({ kind, identity }) => `${kind} ${identity.id}`));
}

describe('builds of one command', () => {
  it('are one for their helpers, with each mount once', () => {
    const joined = joinBuilds([
      plan([OBJECTS, MODULES], { context: 'a' }),
      plan([OBJECTS, MODULES], { context: 'a', target: 'build' }),
      plan([`${OBJECTS},id=own`, MODULES], { context: 'b' }),
    ]);
    expect(mountsOf(joined)).toEqual([['gocache /root/.cache/go-build', 'gomodcache /go/pkg/mod', 'gocache own']]);
  });

  it('have their modules vouched for by the go.sum of each context', () => {
    const [joined] = joinBuilds([
      plan([MODULES], { context: 'a', buildContexts: ['deps=../deps'] }),
      plan([MODULES], { context: 'b' }),
    ]);
    expect(joined?.userBuild.context).toBe('a');
    expect(joined?.userBuild.buildContexts).toEqual(['deps=../deps', 'context-1=b']);
  });

  it('need the nodes of all their platforms, unless one of them is for whichever node comes first', () => {
    const on = (...platforms: string[]): PlannedBuild => plan([OBJECTS], { platforms });
    const joined = (...builds: PlannedBuild[]) => joinBuilds(builds).map(({ userBuild }) => userBuild.platforms);
    expect(joined(on('linux/amd64'), on('linux/arm64'))).toEqual([['linux/amd64', 'linux/arm64']]);
    expect(joined(on(), on('linux/arm64'))).toEqual([[]]);
  });

  it('pull the base images of all of them', () => {
    const other = plan([`${OBJECTS},id=x`], { context: 'b' });
    const facts = { ...other.facts, baseImages: [{ reference: 'golang:1.25', platform: undefined }] };
    const [joined] = joinBuilds([plan([OBJECTS]), { ...other, facts }]);
    expect(joined?.facts.baseImages.map(({ reference }) => reference)).toEqual(['golang:1.26', 'golang:1.25']);
  });

  it('are as private as any of them says', () => {
    const values = ['example.com', 'example.com', 'example.org'];
    const builds = values.map((value) => plan([OBJECTS], {}, `ARG GOPRIVATE=${value}\n`));
    const inStage = (planned: PlannedBuild, value: string): PlannedBuild => ({
      ...planned,
      facts: readBuildFacts(
        `FROM golang:1.26\nENV GOPRIVATE=${value}\nRUN --mount=${OBJECTS} go build .\nRUN GOPRIVATE=x.com go vet .\n`,
        factsOptions(planned.userBuild, planned.dockerfilePath, {}),
      ),
    });
    // An ARG before FROM is no value of the stage.
    expect(joinBuilds(builds)[0]?.facts.goPrivate).toEqual([]);
    const [joined] = joinBuilds(builds.map((planned, index) => inStage(planned, values[index] ?? '')));
    expect(joined?.facts.goPrivate).toEqual(['example.com', 'x.com', 'example.org']);
  });

  it('stay apart where a mount is only found on top of its own build', () => {
    const onTop = `${OBJECTS},from=seed`;
    const head = 'FROM busybox AS seed\n';
    const joined = joinBuilds([
      plan([onTop, MODULES], { context: 'a' }, head),
      plan([onTop, MODULES], { context: 'b' }, head),
    ]);
    expect(mountsOf(joined)).toEqual([
      ['gomodcache /go/pkg/mod'],
      ['gocache /root/.cache/go-build'],
      ['gocache /root/.cache/go-build'],
    ]);
    expect(joined.map(({ userBuild }) => userBuild.context)).toEqual(['a', 'a', 'b']);
  });

  it('stay apart in another namespace', () => {
    const joined = joinBuilds([
      plan([OBJECTS], { buildArgs: ['BUILDKIT_CACHE_MOUNT_NS=one'] }),
      plan([OBJECTS], { buildArgs: ['BUILDKIT_CACHE_MOUNT_NS=two'] }),
    ]);
    expect(joined.map(({ facts }) => facts.mounts[0]?.identity.namespace)).toEqual(['one', 'two']);
  });

  it('without mounts, or of another frontend, are left out', () => {
    const foreign = plan([OBJECTS], {}, '# syntax=example.com/other\n');
    expect(foreign.facts.isKnownFrontend).toBe(false);
    expect(joinBuilds([plan([]), foreign])).toEqual([]);
  });
});
