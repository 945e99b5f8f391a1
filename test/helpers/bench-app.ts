import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { formatDockerfile } from './go-app.ts';

const run = promisify(execFile);

/** A program of few packages, so that cold builds are short, with one module that has newer versions. */
const FILES: Readonly<Record<string, string>> = {
  'go.mod': 'module example.com/skiff\n\ngo 1.26\n\nrequire golang.org/x/mod v0.20.0\n',
  'go.sum':
    'golang.org/x/mod v0.20.0 h1:utOm6MM3R3dnawAiJgn0y+xvuYRsm1RKM/4giyfDgV0=\n' +
    'golang.org/x/mod v0.20.0/go.mod h1:hTbmBsO62+eylJbnUtE2MGJUyE7QWk4xUqPFrRgJ+7c=\n',
  'main.go':
    'package main\n\nimport (\n\t"example.com/skiff/internal/leaf"\n\t"example.com/skiff/internal/route"\n\t"example.com/skiff/internal/shared"\n\t"golang.org/x/mod/semver"\n)\n\nfunc main() { println(leaf.Name, route.Plan(shared.Word), semver.Canonical("v1.2")) }\n',
  'internal/leaf/leaf.go': 'package leaf\n\nconst Name = "leaf"\n',
  'internal/shared/shared.go': 'package shared\n\nconst Word = "word"\n',
  'internal/route/route.go':
    'package route\n\nimport "example.com/skiff/internal/shared"\n\nfunc Plan(name string) string { return name + shared.Word }\n',
  '.gitignore': '/ignored\n',
};

/** Writes the program as a git repository with one commit, and a change that no commit has. */
export async function writeBenchApp(directory: string): Promise<string> {
  for (const [name, text] of Object.entries({
    ...FILES,
    Dockerfile: formatDockerfile({ compile: 'go build -o /out/app .' }),
  })) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  const git = (...args: readonly string[]) =>
    run('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: directory });
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'first');
  await writeFile(path.join(directory, 'untracked.txt'), 'no commit has this\n');
  await writeFile(path.join(directory, 'ignored'), 'git does not look at this\n');
  return directory;
}

/** Every file below a directory, `.git` included, with digest, mode and time: equal when nothing was written. */
export async function photograph(directory: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const photo: Record<string, string> = {};
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name);
    const { mode, mtimeMs } = await lstat(file);
    const digest = entry.isFile()
      ? createHash('sha256')
          .update(await readFile(file))
          .digest('hex')
      : '';
    photo[path.relative(directory, file)] = `${mode} ${mtimeMs} ${digest}`;
  }
  return photo;
}
