import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareGoVersions, goLanguageVersion, isGoVersion } from '../../../../src/golang/module/go-version.ts';
import {
  canonicalVersion,
  compareModuleVersions,
  isPseudoVersion,
} from '../../../../src/golang/module/module-version.ts';
import { parseGoMod } from '../../../../src/golang/module/parse-go-mod.ts';
import { parseGoWork } from '../../../../src/golang/module/parse-go-work.ts';
import { buildOracle } from '../../../helpers/go-oracle.ts';
import { seededRandom } from '../../dockerfile/mutate.ts';
import { askGo } from '../ask-go.ts';
import { MOD_FILES, PIECES, WORK_FILES } from './mod-files.ts';

/** Go's own parser is the judge: the same files are refused, and of the others everything is read alike. */
const MUTATIONS = 15_000;

describe('agreement with Go', () => {
  beforeAll(async () => {
    await buildOracle('gomod');
  }, 600_000);

  it.each([
    ['go.mod', 'mod', MOD_FILES, modView],
    ['go.work', 'work', WORK_FILES, workView],
  ] as const)('reads every %s as Go does, mutated too', async (_, kind, files, view) => {
    const random = seededRandom(4);
    const mutated = Array.from({ length: MUTATIONS }, () => mutate(files, random));
    const texts = [...files, ...mutated].map((text) => text.toWellFormed());
    const answers = await askGo(texts.map((text) => ({ kind, text })));
    const wrong = texts.flatMap((text, index) => {
      const [ours, theirs] = [JSON.stringify(view(text)), JSON.stringify(sortKeys(answers[index] ?? {}))];
      return ours === theirs ? [] : [{ text, ours, theirs }];
    });
    expect(wrong.slice(0, 3)).toEqual([]);
    const accepted = answers.filter((answer) => answer['error'] === undefined).length;
    expect(accepted).toBeGreaterThan(MUTATIONS / 20);
    expect(accepted).toBeLessThan(texts.length * 0.9);
  });

  it('reads go.mod as `go mod edit -json` prints it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'slipway-mod-'));
    try {
      for (const text of MOD_FILES.filter(
        (one) => one.startsWith('module example.com/a') && !('error' in modView(one)),
      )) {
        await writeFile(join(directory, 'x.mod'), text);
        const { stdout } = await promisify(execFile)('go', ['mod', 'edit', '-json', 'x.mod'], {
          cwd: directory,
          env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '', GOWORK: 'off' },
        });
        const printed = JSON.parse(stdout) as {
          Module: { Path: string };
          Go?: string;
          Require?: readonly { Path: string }[] | null;
        };
        const ours = parseGoMod(text);
        expect([ours.module?.value, ours.go?.value, ours.requires.map(({ path }) => path)]).toEqual([
          printed.Module.Path,
          printed.Go,
          (printed.Require ?? []).map(({ Path }) => Path),
        ]);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('compares module versions as Go does', async () => {
    const random = seededRandom(5);
    const pairs = Array.from({ length: 4000 }, () => [makeVersion(random), makeVersion(random)] as const);
    const answers = await askGo(pairs.map(([a, b]) => ({ kind: 'versions', a, b })));
    const ours = pairs.map(([a, b]) => ({
      canonical: canonicalVersion(a) ?? '',
      compare: compareModuleVersions(a, b),
      pseudo: isPseudoVersion(a),
    }));
    expect(differences(pairs, ours, answers)).toEqual([]);
    expect(answers.filter((answer) => answer['pseudo'] === true).length).toBeGreaterThan(10);
  });

  it('compares Go versions as Go does', async () => {
    const random = seededRandom(6);
    const pairs = Array.from({ length: 4000 }, () => [makeGoVersion(random), makeGoVersion(random)] as const);
    const answers = await askGo(pairs.map(([a, b]) => ({ kind: 'goVersions', a, b })));
    const ours = pairs.map(([a, b]) => ({
      compare: compareGoVersions(a, b),
      lang: goLanguageVersion(a) ?? '',
      valid: isGoVersion(a),
    }));
    expect(differences(pairs, ours, answers)).toEqual([]);
  });
});

/** The first few questions that were answered differently. */
function differences(
  questions: readonly unknown[],
  ours: readonly object[],
  theirs: readonly object[],
): readonly unknown[] {
  return questions
    .map((question, index) => ({ question, ours: ours[index], theirs: theirs[index] }))
    .filter((one) => JSON.stringify(one.ours) !== JSON.stringify(one.theirs))
    .slice(0, 3);
}

type View = Readonly<Record<string, unknown>>;

function modView(text: string): View {
  const mod = parseGoMod(text);
  if (mod.problems.length > 0) return { error: true };
  const { module } = mod;
  return sortKeys({
    ...(module === undefined ? {} : { module: module.value, deprecated: module.deprecated }),
    ...commonView(mod),
    requires: mod.requires.map(({ path, version, isIndirect }) => sortKeys({ path, version, isIndirect })),
    excludes: mod.excludes.map(({ path, version }) => ({ path, version })),
    retracts: mod.retracts.map(({ low, high, rationale }) => sortKeys({ low, high, rationale })),
    tools: mod.tools.map(({ path }) => path),
    ignores: mod.ignores.map(({ path }) => path),
  });
}

function workView(text: string): View {
  const work = parseGoWork(text);
  if (work.problems.length > 0) return { error: true };
  return sortKeys({ ...commonView(work), uses: work.uses.map(({ path }) => path) });
}

function commonView(file: ReturnType<typeof parseGoWork> | ReturnType<typeof parseGoMod>): View {
  return {
    go: file.go?.value ?? null,
    toolchain: file.toolchain?.value ?? null,
    godebugs: file.godebugs.map(({ key, value }) => `${key}=${value}`),
    replaces: file.replaces.map((one) => ({ new: one.new, old: one.old })),
  };
}

/** Go's error texts aren't compared, only that there is one. Go writes its objects with sorted keys. */
function sortKeys(view: View): View {
  if (view['error'] !== undefined) return { error: true };
  return Object.fromEntries(Object.entries(view).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function mutate(files: readonly string[], random: () => number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  let text = pick(files);
  for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
    const at = Math.floor(random() * (text.length + 1));
    const removed = random() < 0.4 ? Math.floor(random() * 6) : 0;
    text = text.slice(0, at) + (random() < 0.8 ? pick(PIECES) : '') + text.slice(at + removed);
  }
  return text;
}

function makeVersion(random: () => number): string {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const number = (): string => pick(['0', '1', '2', '10', '01', '', '99999999999999999999']);
  const pseudo = ['-0.20240102150405-0123456789ab', '-20240102150405-0123456789ab', '-rc.1.0.20240102150405-abc'];
  const tail = pick([
    '',
    '',
    '-rc.1',
    '-rc.10',
    '-rc',
    '-1',
    '-01',
    '-a..b',
    '+incompatible',
    '-x+meta',
    '+',
    ...pseudo,
  ]);
  return (
    pick(['v', 'v', 'v', 'V', '']) +
    pick([`${number()}.${number()}.${number()}`, `0.0.0`, `1.2.3`, number(), `${number()}.${number()}`]) +
    tail
  );
}

function makeGoVersion(random: () => number): string {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  return (
    pick(['1', '1', '2', '01']) +
    pick(['', '.0', '.9', '.20', '.21', '.22', '.021']) +
    pick(['', '.0', '.1', '.10', 'rc1', 'rc2', 'beta1', 'rc', '.1rc1', '-x'])
  );
}
