import { beforeAll, describe, expect, it } from 'vitest';
import { buildOracle } from '../../helpers/go-oracle.ts';
import { parseDockerfile } from '../../../src/dockerfile/parse.ts';
import { printDockerfile } from '../../../src/dockerfile/print.ts';
import { evaluate, graphView, oracleGraphView, oracleView, parserView } from './compare.ts';
import { fixtures, invalidFixtures } from './fixtures.ts';
import { HARD_CASES } from './hard-cases.ts';
import { mutate, seededRandom } from './mutate.ts';
import { askBuildKit, type OracleAnswer, type OracleRequest } from './oracle.ts';

/**
 * What is compared with BuildKit 0.33.1, file by file:
 * - the value of the syntax directive and the escape character;
 * - whether its parser, or else its instruction reader, refuses the file; for the latter also the line;
 * - when its parser accepts: every instruction with keyword, arguments, flags, exec or shell form, logical text, first and last line,
 *   here-documents (name, quoting, tabs, descriptor, body) and the instruction behind ONBUILD;
 * - when a build graph can be made: every RUN of the target's stages with line, script, variables in force, working directory, user,
 *   and its cache mounts with key (namespace and id), target, source and read-only flag. Where BuildKit makes a graph, we must evaluate too;
 *   where it refuses (bad ports, lint set to fail, …), we may go on: its own message comes from the build then.
 * Files are valid Unicode: bytes that are no UTF-8 are replaced before both see them.
 */
const MUTATIONS = 10_000;
const BUILD_ARGS = { TAG: '1.25', SERVICE: 'api', BUILDKIT_CACHE_MOUNT_NS: 'team' };

describe('agreement with BuildKit', () => {
  beforeAll(async () => {
    await buildOracle('dockerfile');
  }, 600_000);

  it('reads every fixture as BuildKit does', async () => {
    const all = [...fixtures, ...invalidFixtures];
    const requests = all.map(({ text }) => ({ text, evaluate: true, buildArgs: BUILD_ARGS }));
    const answers = await askBuildKit(requests);
    expect(disagreements(requests, answers)).toEqual([]);
    const refused = all.filter((_, index) => answers[index]?.error !== undefined).map(({ name }) => name);
    expect(refused.length).toBe(invalidFixtures.length);
  });

  it('reads what is hard as BuildKit does', async () => {
    const requests = HARD_CASES.map((text) => ({ text, evaluate: true, buildArgs: {} }));
    expect(disagreements(requests, await askBuildKit(requests))).toEqual([]);
  });

  it('reads every fixture for another platform as BuildKit does', async () => {
    const requests = fixtures.map(({ text }) => ({
      text,
      evaluate: true,
      targetPlatform: 'linux/arm/6',
      buildArgs: { A: 'x', GO: '1.24', BUILDARCH: 'mine' },
    }));
    expect(disagreements(requests, await askBuildKit(requests))).toEqual([]);
  });

  it('takes every stage name of a fixture as a target, in any case, and sees the same steps', async () => {
    const requests = fixtures.flatMap(({ text }) =>
      parseDockerfile(text)
        .instructions.flatMap((node) => (node.name === 'from' && node.args[2] !== undefined ? [node.args[2]] : []))
        .map((name) => ({ text, evaluate: true, target: name.toUpperCase() })),
    );
    expect(requests.length).toBeGreaterThan(100);
    expect(disagreements(requests, await askBuildKit(requests))).toEqual([]);
  });

  it('finds no target that BuildKit does not find', async () => {
    const requests = ['0', 'nope', 'golang', 'build '].map((target) => ({
      text: 'FROM golang AS build\nRUN true\nFROM alpine AS other\n',
      evaluate: true,
      target,
    }));
    const answers = await askBuildKit(requests);
    for (const [index, request] of requests.entries()) {
      expect(answers[index]?.error?.phase).toBe('graph');
      expect(evaluate(parseDockerfile(request.text), request)).toBe('refused');
    }
  });

  it(`reads ${MUTATIONS} mutations as BuildKit does`, { timeout: 300_000 }, async () => {
    const random = seededRandom(20_261_122);
    const texts = [...fixtures, ...invalidFixtures].map(({ text }) => text);
    const requests = Array.from({ length: MUTATIONS }, () => ({
      text: mutate(texts[Math.floor(random() * texts.length)] ?? '', texts, random),
      evaluate: true,
      buildArgs: BUILD_ARGS,
    }));
    const answers = await askBuildKit(requests);
    expect(disagreements(requests, answers)).toEqual([]);
    // The mutations must reach each outcome, or they show nothing.
    for (const phase of ['parse', 'instruction', 'graph', undefined]) {
      expect(answers.filter((answer) => answer.error?.phase === phase).length, `${phase}`).toBeGreaterThan(
        MUTATIONS / 50,
      );
    }
  });
});

interface Disagreement {
  readonly text: string;
  readonly ours: unknown;
  readonly buildKit: unknown;
}

/** The first few, whole: enough to see what is wrong. */
function disagreements(requests: readonly OracleRequest[], answers: readonly OracleAnswer[]): readonly Disagreement[] {
  const found: Disagreement[] = [];
  for (const [index, request] of requests.entries()) {
    const answer = answers[index];
    if (answer === undefined) throw new Error('an answer is missing');
    const { text } = request;
    if (printDockerfile(parseDockerfile(text)) !== text)
      found.push({ text, ours: 'printed otherwise', buildKit: undefined });
    const pairs = [{ ours: parserView(text), buildKit: oracleView(answer) }];
    if (answer.graph !== undefined) pairs.push({ ours: graphView(request), buildKit: oracleGraphView(answer) });
    else if (answer.error?.phase === 'graph') graphView(request);
    for (const pair of pairs) {
      if (stable(pair.ours) !== stable(pair.buildKit)) found.push({ text, ...pair });
    }
    if (found.length >= 5) break;
  }
  return found;
}

/** JSON with sorted keys, so that the order of variables doesn't count. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
