import { beforeAll, describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { readPackage } from '../../../../src/golang/packages/list-packages.ts';
import { readGoRepository } from '../../../../src/golang/packages/read-repository.ts';
import type { BuildTarget } from '../../../../src/golang/source/build-target.ts';
import { buildOracle } from '../../../helpers/go-oracle.ts';
import { seededRandom } from '../../dockerfile/mutate.ts';
import { askGo, type GoAnswer } from '../ask-go.ts';
import { GO_FILES, GO_PIECES } from './go-files.ts';

/**
 * Package go/build is the judge of which files a target takes in, what they import and embed. Files that it can't parse are left
 * out of the comparison: the build fails on them, and what we say of them is of no use to anybody.
 */
const MUTATIONS = 8000;

const TARGETS: readonly BuildTarget[] = [
  { goos: 'linux', goarch: 'amd64', isCgoEnabled: false, tags: [], goMinor: 26 },
  { goos: 'linux', goarch: 'arm64', isCgoEnabled: true, tags: ['custom_tag.x'], goMinor: 26 },
  { goos: 'windows', goarch: 'amd64', isCgoEnabled: false, tags: ['é'], goMinor: 17 },
  { goos: 'android', goarch: 'arm', isCgoEnabled: true, tags: ['ignore'], goMinor: 27 },
  { goos: 'darwin', goarch: 'arm64', isCgoEnabled: false, tags: [], goMinor: 26 },
];

describe('agreement with go/build', () => {
  beforeAll(async () => {
    await buildOracle('gomod');
  }, 600_000);

  it('reads every file for every target as Go does', async () => {
    const cases = Object.entries(GO_FILES).flatMap(([name, text]) => TARGETS.map((target) => ({ name, text, target })));
    const { wrong, compared } = await compare(cases);
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(cases.length * 0.8);
  });

  it('reads mutated files as Go does, where Go can parse them', async () => {
    const random = seededRandom(8);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const cases = Array.from({ length: MUTATIONS }, () => {
      const [name, original] = pick(Object.entries(GO_FILES));
      const at = Math.floor(random() * (original.length + 1));
      const removed = random() < 0.3 ? Math.floor(random() * 4) : 0;
      return {
        name,
        text: original.slice(0, at) + pick(GO_PIECES) + original.slice(at + removed),
        target: pick(TARGETS),
      };
    });
    const { wrong, compared } = await compare(cases);
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(MUTATIONS / 4);
  });
});

interface Case {
  readonly name: string;
  readonly text: string;
  readonly target: BuildTarget;
}

async function compare(
  cases: readonly Case[],
): Promise<{ readonly wrong: readonly unknown[]; readonly compared: number }> {
  const answers = await askGo(
    cases.map(({ name, text, target }) => ({
      kind: 'package',
      files: { [name]: text },
      goos: target.goos,
      goarch: target.goarch,
      cgo: target.isCgoEnabled,
      tags: target.tags,
      minor: target.goMinor,
    })),
  );
  const sound = cases.flatMap((one, index) =>
    isSound(answers[index] ?? {}) ? [{ one, theirs: answers[index] ?? {} }] : [],
  );
  const wrong = sound
    .map(({ one, theirs }) => ({ one, ours: view(one), theirs: viewAnswer(theirs) }))
    .filter(({ ours, theirs }) => JSON.stringify(ours) !== JSON.stringify(theirs));
  return { wrong: wrong.slice(0, 3), compared: sound.length };
}

function isSound(answer: GoAnswer): boolean {
  return (answer['invalid'] as readonly string[]).length === 0;
}

function view({ name, text, target }: Case): unknown {
  const repository = readGoRepository(fileTreeOf({ [name]: text }));
  const found = readPackage(repository, { directory: '', importPath: 'a', module: undefined, target });
  return {
    name: found?.name ?? '',
    files: found?.files.length ?? 0,
    usesCgo: found?.usesCgo ?? false,
    imports: found?.imports ?? [],
    embeds: found?.embeds ?? [],
  };
}

function viewAnswer(answer: GoAnswer): unknown {
  const files = (answer['files'] as readonly string[]).length;
  if (files === 0) return { name: '', files, usesCgo: false, imports: [], embeds: [] };
  const usesCgo = (answer['cgoFiles'] as readonly string[]).length > 0;
  return { name: answer['name'], files, usesCgo, imports: answer['imports'], embeds: answer['embeds'] };
}
