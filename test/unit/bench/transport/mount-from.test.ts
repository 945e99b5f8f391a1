import { describe, expect, it } from 'vitest';
import { mountFrom } from '../../../../bench/lib/transport/mount-from.ts';
import { isSlipwayError } from '../../../../src/core/errors.ts';
import { readBuildFacts } from '../../../../src/dockerfile/build-facts.ts';
import { fixtures } from '../../dockerfile/fixtures.ts';

const IMAGE = `registry.example.com/app/cache@sha256:${'ab'.repeat(32)}`;
const OPTIONS = { fileName: 'Dockerfile', buildArgs: {} };

/** A golang stage with both caches at places of their own. */
function dockerfile(...lines: readonly string[]): string {
  return ['FROM golang:1.26', 'ENV GOCACHE=/go-cache GOMODCACHE=/gomod-cache', ...lines, ''].join('\n');
}

/** What the refusal says, and where. */
function refusalOf(text: string): { message: string; location: string | undefined } {
  try {
    mountFrom(text, IMAGE, OPTIONS);
  } catch (error) {
    if (isSlipwayError(error, 'INPUT_INVALID')) return { message: error.message, location: error.location };
    throw error;
  }
  throw new Error('it was rewritten');
}

describe('the mounts of the caches', () => {
  it('each get their directory of the image, and no other byte changes', () => {
    const text = dockerfile(
      'RUN --mount=type=cache,target=/var/cache/apt apt-get update',
      'RUN --mount=type=bind,target=/src \\',
      '    --mount=type=cache,target=/gomod-cache \\',
      '    # compiled packages',
      '    --mount=type=cache,id=build,target=/go-cache,sharing=locked \\',
      '    go build -o /out/app .',
    );
    const rewritten = text
      .replace('target=/gomod-cache', `target=/gomod-cache,from=${IMAGE},source=/gomodcache`)
      .replace('sharing=locked', `sharing=locked,from=${IMAGE},source=/gocache`);
    expect(mountFrom(text, IMAGE, OPTIONS)).toBe(rewritten);
  });

  it.each([
    ['in quotes', 'RUN --mount="type=cache,target=/go-cache" go build .'],
    ['a part in quotes', 'RUN --mount=type=cache,target="/go-cache" go build .'],
    ['by a variable', 'ARG WHERE=/go-cache\nRUN --mount=type=cache,target=$WHERE go build .'],
    ['behind a byte order mark', 'RUN --mount=type=cache,target=/go-cache go build .', '\ufeff'],
  ])('are found where they are written %s', (_how, line, mark = '') => {
    const [mount] = readBuildFacts(mountFrom(`${mark}${dockerfile(line)}`, IMAGE, OPTIONS), OPTIONS).mounts;
    expect(mount).toMatchObject({
      kind: 'gocache',
      target: '/go-cache',
      identity: { from: IMAGE, source: '/gocache' },
    });
  });

  it('of a stage that two others are built from are rewritten once', () => {
    const text = [
      'FROM golang:1.26 AS base',
      'ENV GOCACHE=/go-cache',
      'RUN --mount=type=cache,target=/go-cache go build .',
      'FROM base AS one',
      'RUN go vet .',
      'FROM base',
      'COPY --from=one /x /x',
      '',
    ].join('\n');
    expect(mountFrom(text, IMAGE, OPTIONS).split(`,from=${IMAGE}`)).toHaveLength(2);
  });
});

describe('a mount that an image can’t stand in for is refused with its line', () => {
  it.each([
    ['from an image already', '--mount=type=cache,target=/go-cache,from=busybox', /another image or stage already/],
    ['with an owner', '--mount=type=cache,target=/go-cache,uid=1000', /an owner or mode of its own/],
    ['with the cache in a part of it', '--mount=type=cache,target=/root/.cache', /holds the cache in `go-build`/],
    ['with both caches', '--mount=type=cache,target=/go', /holds both caches|holds the cache in/],
  ])('%s', (_what, flag, message) => {
    const lines = flag.includes('/root') ? ['ENV GOCACHE=/root/.cache/go-build'] : [];
    if (flag.endsWith('/go')) lines.push('ENV GOCACHE=/go/cache GOMODCACHE=/go/mod');
    expect(refusalOf(dockerfile(...lines, `RUN ${flag} go build .`))).toEqual({
      message: expect.stringMatching(message) as string,
      location: `Dockerfile:${3 + lines.length}`,
    });
  });
});

describe('of files shaped like real ones', () => {
  it.each(fixtures.filter(({ text }) => readBuildFacts(text, OPTIONS).mounts.length > 0))(
    '$name is rewritten whole, or refused',
    ({ text }) => {
      let rewritten: string;
      try {
        rewritten = mountFrom(text, IMAGE, OPTIONS);
      } catch (error) {
        if (isSlipwayError(error, 'INPUT_INVALID')) return expect(error.location).toMatch(/^Dockerfile:\d+$/);
        throw error;
      }
      const { mounts } = readBuildFacts(rewritten, OPTIONS);
      for (const { kind, identity } of mounts) expect(identity).toMatchObject({ from: IMAGE, source: `/${kind}` });
      expect(mounts.length).toBe(readBuildFacts(text, OPTIONS).mounts.length);
      expect(rewritten.replace(/,from=registry\.example\.com\/app\/cache@sha256:(?:ab)+,source=\/\w+/g, '')).toBe(text);
    },
  );
});
