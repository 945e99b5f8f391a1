import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from './tools.ts';

const run = promisify(execFile);

export const BUILDKIT_IMAGE = 'slipway/buildkit:test';

/** The image of buildkitd that a builder's container runs: the built programs, and runc with its libraries. */
export async function importBuildkit(
  directory: string,
  docker: (...words: readonly string[]) => Promise<string>,
): Promise<void> {
  const tree = path.join(directory, 'image');
  const { stdout } = await run('ldd', [toolPath('runc')]);
  const libraries = stdout.match(/\/\S+/g) ?? [];
  const files = new Map(libraries.map((file) => [file, file]));
  for (const name of ['buildkitd', 'buildctl', 'runc']) files.set(`/usr/bin/${name}`, toolPath(name));
  await mkdir(path.join(tree, 'tmp'), { recursive: true });
  for (const [place, file] of files) {
    await mkdir(path.join(tree, path.dirname(place)), { recursive: true });
    await symlink(file, path.join(tree, place));
  }
  const archive = path.join(directory, 'image.tar');
  await run('tar', ['--create', '--dereference', '--file', archive, '--directory', tree, '.']);
  await docker('import', '--change', 'ENTRYPOINT ["buildkitd"]', archive, BUILDKIT_IMAGE);
}
