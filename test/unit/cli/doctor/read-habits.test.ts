import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readHabits } from '../../../../src/cli/doctor/read-habits.ts';
import { judgeHabits } from '../../../../src/doctor/checks/no-cache.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway-habits-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries({ '.git/HEAD': 'ref: refs/heads/main\n', ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

const WORKFLOW = (step: string, runner: string): string =>
  `on: push\njobs:\n  image:\n    runs-on: ${runner}\n    steps:\n      - ${step}\n`;
const ACTION = 'uses: docker/build-push-action@v6\n        with:\n          no-cache: true';

it('are found in Makefiles, scripts, bake files and workflows, each with its line', async () => {
  write({
    Makefile: 'image:\n\tdocker build --no-cache -t app .\n\nclean:\n\t@docker builder prune -af\n',
    'scripts/ci.sh': '#!/bin/sh\ndocker buildx build \\\n  --no-cache=true .\ndocker system prune -f\n',
    'docker-bake.hcl': 'target "app" {\n  no-cache = true\n}\n',
    '.github/workflows/ci.yml': WORKFLOW(ACTION, 'self-hosted'),
  });
  const habits = (await readHabits(root, root)) ?? [];
  expect(habits.map(({ kind, file, line }) => `${file}:${line} ${kind}`).toSorted()).toEqual([
    '.github/workflows/ci.yml:8 no-cache',
    'Makefile:2 no-cache',
    'Makefile:5 prune',
    'docker-bake.hcl:2 no-cache',
    'scripts/ci.sh:3 no-cache',
    'scripts/ci.sh:4 prune',
  ]);
});

it('the commands that mend them do', async () => {
  write({
    Makefile: 'image:\n\tdocker build --no-cache -t app .\n\nclean:\n\t@docker builder prune -af\n',
    'scripts/it is.sh': 'docker build --pull --no-cache .\n',
  });
  const found = judgeHabits((await readHabits(root, root)) ?? []);
  const mends = found.map(({ mend }) => mend ?? '');
  expect(mends).toHaveLength(3);
  for (const mend of mends) execFileSync('sh', ['-c', mend], { cwd: root });
  expect(await readHabits(root, root)).toEqual([]);
  expect(readFileSync(join(root, 'Makefile'), 'utf8')).toBe(
    'image:\n\tdocker build -t app .\n\nclean:\n\t@docker builder prune --filter until=336h -af\n',
  );
});

it('are none where nothing is lost', async () => {
  write({
    Makefile: 'image:\n\tdocker build --no-cache-filter=test -t app .\n\tdocker buildx prune --filter until=48h -f\n',
    // A hosted runner without a cache has nothing to lose.
    '.github/workflows/ci.yml': WORKFLOW(ACTION, 'ubuntu-latest'),
  });
  expect(await readHabits(root, root)).toEqual([]);
});

it('are not looked for outside of a repository', async () => {
  writeFileSync(join(root, 'Makefile'), 'image:\n\tdocker build --no-cache .\n');
  expect(await readHabits(root, root)).toBeUndefined();
});

it('have the paths of the directory that the command was called in', async () => {
  write({ Makefile: 'image:\n\tdocker build --no-cache .\n', 'cmd/main.go': 'package main\n' });
  const inside = join(root, 'cmd');
  expect((await readHabits(inside, inside))?.map(({ file }) => file)).toEqual(['../Makefile']);
});
