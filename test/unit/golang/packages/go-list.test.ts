import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { packagesOf } from '../../../../src/golang/packages/list-packages.ts';
import { mainPackagesOf } from '../../../../src/golang/packages/main-packages.ts';
import { reachPackages } from '../../../../src/golang/packages/reach.ts';
import { moduleAt, readGoRepository } from '../../../../src/golang/packages/read-repository.ts';
import { planBuildList } from '../../../../src/golang/packages/resolve-import.ts';
import { STATIC_LINUX } from '../../../../src/golang/source/build-target.ts';
import { REPOSITORIES } from './repositories.ts';

/** `go list` is the judge: which packages there are, and which of them a build of one reaches. */
interface Listed {
  readonly ImportPath: string;
  readonly Name: string;
  readonly Standard?: boolean;
  readonly DepOnly?: boolean;
  readonly GoFiles?: readonly string[];
  readonly CgoFiles?: readonly string[];
}

const cases = Object.entries(REPOSITORIES).flatMap(([name, repository]) =>
  repository.modules.flatMap((directory) => [false, true].map((isCgoEnabled) => ({ name, directory, isCgoEnabled }))),
);

describe.each(cases)('$name, module `$directory`, cgo $isCgoEnabled', ({ name, directory, isCgoEnabled }) => {
  const files = REPOSITORIES[name]?.files ?? {};
  const repository = readGoRepository(fileTreeOf(files));
  const target = { ...STATIC_LINUX, isCgoEnabled };
  const module = moduleAt(repository, directory);
  const list = planBuildList(repository, directory);

  it('has the packages that `go list` has', async () => {
    const listed = await goList(files, directory, { isCgoEnabled, patterns: ['./...'] });
    const buildable = listed.filter(
      (one) => (one.GoFiles ?? []).length + (one.CgoFiles ?? []).length > 0 && !one.DepOnly,
    );
    const ours = module === undefined ? [] : packagesOf(repository, module, target);
    expect(ours.map((one) => [one.importPath, one.name, one.usesCgo])).toEqual(
      buildable.map((one) => [one.ImportPath, one.Name, (one.CgoFiles ?? []).length > 0]).toSorted(),
    );
    expect(ours.length).toBeGreaterThan(0);
  });

  it('reaches from each program what `go list -deps` names', async () => {
    if (module === undefined || list === undefined) throw new Error('no module');
    const ours = mainPackagesOf(repository, module, target).map((main) => {
      const reached = reachPackages(repository, [main], { list, target });
      return [main.importPath, [...reached.packages.keys()].toSorted(), [...reached.external.keys()]];
    });
    const theirs = await Promise.all(
      ours.map(async ([path]) => {
        const deps = await goList(files, directory, { isCgoEnabled, patterns: ['-deps', String(path)] });
        const own = deps.filter((one) => one.Standard !== true && (one.GoFiles ?? one.CgoFiles) !== undefined);
        return [path, own.map((one) => one.ImportPath).toSorted(), []];
      }),
    );
    expect(ours).toEqual(theirs);
  });
});

interface Question {
  readonly isCgoEnabled: boolean;
  readonly patterns: readonly string[];
}

async function goList(
  files: Readonly<Record<string, string>>,
  directory: string,
  question: Question,
): Promise<readonly Listed[]> {
  const root = await mkdtemp(join(tmpdir(), 'slipway-list-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    const args = ['list', '-e', '-json=ImportPath,Name,Standard,DepOnly,GoFiles,CgoFiles', ...question.patterns];
    const { stdout } = await promisify(execFile)('go', args, {
      cwd: join(root, directory),
      maxBuffer: 64 << 20,
      env: { ...process.env, ...GO_ENV, CGO_ENABLED: question.isCgoEnabled ? '1' : '0' },
    });
    return JSON.parse(`[${stdout.replace(/^\}\n\{/gm, '},{')}]`) as readonly Listed[];
  } finally {
    await rm(root, { recursive: true });
  }
}

const GO_ENV = { GOFLAGS: '', GOTOOLCHAIN: 'local', GOPROXY: 'off', GOOS: 'linux', GOARCH: 'amd64', GOWORK: '' };
