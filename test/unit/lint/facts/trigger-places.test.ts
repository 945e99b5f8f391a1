import { expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { readRepositoryFacts } from '../../../../src/lint/facts/read-repository.ts';

const TEXT = `# a base
FROM golang:1.26 AS base
ONBUILD COPY . .
ONBUILD RUN --mount=type=cache,target=/go/pkg/mod go build -a -o /app ./cmd/app && make more

FROM base AS build
FROM scratch
COPY --from=build /app /app
`;

it('what ONBUILD brings stands at the FROM that brings it, and can not be edited', () => {
  const tree = fileTreeOf({ Dockerfile: TEXT });
  const [build] = readRepositoryFacts(tree, { dockerfiles: ['Dockerfile'] }).builds;
  const [run] = build?.runs ?? [];
  const range = { start: TEXT.indexOf('FROM base'), end: TEXT.indexOf('FROM scratch') - 1 };
  expect(run?.isTrigger).toBe(true);
  expect(run?.range).toEqual(run?.stage.range);
  expect(run?.range.start).toBe(range.start);
  expect(run?.range.end).toBeLessThanOrEqual(range.end + 1);
  const { go } = run?.commands[0] ?? {};
  const words = [
    ...(run?.commands[0]?.words ?? []),
    ...(go?.packages ?? []),
    ...(go?.flags.flatMap((flag) => flag.words) ?? []),
  ];
  expect(words.length).toBeGreaterThan(5);
  for (const word of words) expect(word).toMatchObject({ range: run?.range, isExact: false });
  expect(run?.node.keywordRange).toEqual(run?.range);
  expect(run?.mounts.map((mount) => [mount.range, ...mount.fields.map((field) => field.range)])).toEqual([
    [run?.range, run?.range, run?.range],
  ]);
  // The mount of the cache is one of the mounts of the RUN, by identity.
  expect(go?.goModCache.mount).toBe(run?.mounts[0]);
});
