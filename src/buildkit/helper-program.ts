import { chmod, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';

/** Beside `src` of a checkout, and beside `dist` of the package. */
const PLACES = ['..', '../..'].map((up) => path.join(import.meta.dirname, up, 'helper', 'bin'));
/** The same in each context: BuildKit sends a file that it has seen with this path, size and time only once. */
const MODIFIED_AT_SECONDS = 978_307_200;

const expand = promisify(zstdDecompress);

let programs: Promise<ReadonlyMap<string, Uint8Array>> | undefined;

/** Begins to read what `writeHelperProgram` writes. What is wrong with it, that tells. */
export function readHelperProgramAhead(): void {
  (programs ??= readPrograms()).catch(() => {});
}

/**
 * Puts the program that packs and unpacks in a builder into a helper's context, as `bin/<uname -m>` for each machine there is one
 * for. A script that finds none it can run does with `tar` and `gzip`.
 */
export async function writeHelperProgram(context: string): Promise<void> {
  const directory = path.join(context, 'bin');
  await mkdir(directory, { recursive: true });
  for (const [machine, content] of await (programs ??= readPrograms())) {
    const file = path.join(directory, machine);
    await writeFile(file, content);
    await chmod(file, 0o755);
    await utimes(file, MODIFIED_AT_SECONDS, MODIFIED_AT_SECONDS);
  }
}

async function readPrograms(): Promise<ReadonlyMap<string, Uint8Array>> {
  for (const place of PLACES) {
    const names = await readdir(place).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (names === undefined) continue;
    const packed = names.filter((name) => name.endsWith('.zst'));
    return new Map(
      await Promise.all(
        packed.map(async (name) => {
          const program = await expand(await readFile(path.join(place, name)));
          return [name.slice(0, -'.zst'.length), program] as const;
        }),
      ),
    );
  }
  return new Map();
}
