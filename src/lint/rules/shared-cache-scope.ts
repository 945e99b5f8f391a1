import { unlessCertain } from '../confidence.ts';
import type { RepositoryFacts } from '../facts/repository.ts';
import { type CacheWriter, cacheWriters, differenceOf } from '../reading/cache-writers.ts';
import { canShareRef } from '../reading/ref-classes.ts';
import { oneLine } from '../reading/one-line.ts';
import { scopeFix } from '../reading/scope-fix.ts';
import { workflowOf } from '../reading/workflow-builds.ts';
import type { Problem, RepositoryRule } from '../types.ts';

export const sharedCacheScope: RepositoryRule = {
  id: 'shared-cache-scope',
  number: 42,
  subject: 'repository',
  group: 'workflow',
  severity: 'high',
  fix: 'safe',
  summary: 'different builds write the same scope of the GitHub Actions cache',
  check: (repository) =>
    cacheWriters(repository.definitions).flatMap((writers) => [
      ...checkGroup(repository, writers),
      ...writers.flatMap((writer) => checkOpenMatrix(writer)),
    ]),
};

/** One problem for each place that isn't the first: the first may keep the scope. */
function checkGroup(repository: RepositoryFacts, writers: readonly CacheWriter[]): readonly Problem[] {
  const places = [...Map.groupBy(writers, placeKey).values()];
  return places.flatMap((rows, index) => {
    const [writer] = rows;
    if (writer === undefined) return [];
    const earlier = places.slice(0, index).flat();
    for (const [own, others] of [
      [rows, rows],
      [rows, earlier],
    ] as const) {
      const pair = findPair(repository, own, others);
      if (pair !== undefined) return [toProblem(repository, pair, rows)];
    }
    return [];
  });
}

interface Pair {
  readonly writer: CacheWriter;
  readonly other: CacheWriter;
  readonly difference: string;
}

function findPair(
  repository: RepositoryFacts,
  own: readonly CacheWriter[],
  others: readonly CacheWriter[],
): Pair | undefined {
  for (const writer of own) {
    for (const other of others) {
      const difference = writer === other ? undefined : differenceOf(writer.invocation, other.invocation);
      if (difference !== undefined && canMeet(repository, writer, other)) return { writer, other, difference };
    }
  }
  return undefined;
}

/** Steps for pull requests and steps for pushes run for different refs, whose caches are apart. */
function canMeet(repository: RepositoryFacts, a: CacheWriter, b: CacheWriter): boolean {
  const [first, second] = [a, b].map(refConditions);
  if (first !== second) return false;
  const [one, two] = [workflowOf(repository, a.invocation), workflowOf(repository, b.invocation)];
  return one === undefined || two === undefined || canShareRef(one, two);
}

function refConditions({ invocation: { job }, entry: { condition } }: CacheWriter): string {
  const all = [...(job?.conditions ?? []), ...(condition === undefined ? [] : [condition])];
  return all.filter((each) => /github\.(?:event|ref|head_ref|base_ref)/.test(each)).join(' ');
}

function toProblem(
  { tree }: RepositoryFacts,
  { writer, other, difference }: Pair,
  rows: readonly CacheWriter[],
): Problem {
  const { setting, scope } = writer.entry;
  const isOwn = rows.includes(other);
  const rowsOf = writer.invocation.matrixRow.size > 0 ? 'rows of the matrix' : 'its callers';
  const who = isOwn ? rowsOf : `it and ${other.invocation.label}`;
  return {
    file: setting.file,
    range: setting.range,
    message: `\`${oneLine(setting.text)}\` writes the scope \`${oneLine(scope ?? '')}\` for builds that differ in their ${difference} (${who}), and the last one to finish replaces what the others exported`,
    cost: 'all but one of the builds start without their layers',
    fix: scopeFix(tree, writer, { rows, isWithinMatrix: isOwn, difference }),
  };
}

/** A matrix that can't be read: its rows collide where they change the build and not the scope. */
function checkOpenMatrix({ invocation, entry }: CacheWriter): readonly Problem[] {
  const { setting, scope = '' } = entry;
  const isOpen = invocation.isMatrixOpen && invocation.dependsOnMatrix;
  if (!isOpen || /matrix\.|strategy\.|runner\./.test(scope)) return [];
  const problem: Problem & { readonly severity: 'high' } = {
    file: setting.file,
    range: setting.range,
    severity: 'high',
    message: `\`${oneLine(setting.text)}\` writes the scope \`${oneLine(scope)}\` for each row of the matrix, and the last one to finish replaces what the others exported`,
    cost: 'all but one of the builds start without their layers',
  };
  return [unlessCertain(false, problem)];
}

function placeKey({ entry: { setting }, invocation }: CacheWriter): string {
  return JSON.stringify([
    setting.file,
    setting.range.start,
    setting.range.end,
    invocation.job?.file,
    invocation.job?.stepIndex,
  ]);
}
