import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isSlipwayError } from '../../core/errors.ts';
import { fileTreeOf, type FileTree } from '../../core/file-tree.ts';
import type { RunCall, WholeModuleUse } from '../../dockerfile/types.ts';
import { wantsWholeModules } from '../../dockerfile/whole-modules.ts';
import { planMakeRun } from '../../golang/makefile/plan-make-run.ts';
import { readMakeCommand } from '../../golang/makefile/read-make-command.ts';
import { readCommands } from '../../shell/read-commands.ts';
import type { ShellCommand } from '../../shell/types.ts';
import { walkCheckout } from '../walk-checkout.ts';

/** Nobody writes a longer one by hand. */
const MOST_SCRIPT_BYTES = 1024 ** 2;
const MAKEFILE = /^(?:GNUmakefile|[Mm]akefile|.*\.mk)$/;

interface Called extends WholeModuleUse {
  /** The script or Makefile that has the command, from the root of the checkout. */
  readonly file: string;
}

/**
 * The first command that asks for whole modules among those of the scripts and make targets that RUNs call. Where a file lies in
 * the image isn't worked out: each file of the checkout with that name counts, and each Makefile. What is found in vain costs speed,
 * and no more.
 */
export async function findCalledWholeModules(
  directories: readonly string[],
  calls: readonly RunCall[],
  signal: AbortSignal,
): Promise<Called | undefined> {
  if (calls.length === 0) return undefined;
  const checkout = await readCheckout(directories, signal);
  const seen = new Set<string>();
  const queue: { readonly line: number; readonly command: ShellCommand; readonly file?: string }[] = [...calls];
  for (let call = queue.shift(); call !== undefined; call = queue.shift()) {
    const { line, command, file } = call;
    if (file !== undefined && wantsWholeModules(command)) return { line, command: command.text, file };
    for (const { path: made, commands } of [...runMake(checkout, command), ...(await readScripts(checkout, command))]) {
      const key = `${made} ${readMakeCommand(command)?.targets.join(' ') ?? ''}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const named = nameIn(directories, made);
      queue.push(...commands.map((inside) => ({ line, command: inside, file: named })));
    }
  }
  return undefined;
}

interface CalledFile {
  readonly path: string;
  readonly commands: readonly ShellCommand[];
}

interface Checkout {
  /** Absolute, by the last name. */
  readonly byName: ReadonlyMap<string, readonly string[]>;
  /** The Makefiles, by absolute path without its first `/`. */
  readonly makefiles: FileTree;
}

async function readCheckout(directories: readonly string[], signal: AbortSignal): Promise<Checkout> {
  const byName = new Map<string, string[]>();
  const makefiles: Record<string, string> = {};
  for await (const { path: directory, files } of walkCheckout(directories, signal)) {
    for (const name of files) {
      const file = path.join(directory, name);
      const others = byName.get(name);
      if (others === undefined) byName.set(name, [file]);
      else others.push(file);
      if (MAKEFILE.test(name)) makefiles[file.replace(/^\//, '')] = (await readSmall(file)) ?? '';
    }
  }
  return { byName, makefiles: fileTreeOf(makefiles) };
}

function runMake({ makefiles }: Checkout, command: ShellCommand): readonly CalledFile[] {
  const make = readMakeCommand(command);
  if (make === undefined || make.isDryRun) return [];
  const directories = new Set(makefiles.paths.map((file) => path.posix.dirname(file)));
  return [...directories].flatMap((directory) => {
    const { targets, variables, file } = make;
    const options = { directory, targets, variables, environment: command.env, unknown: command.unknown };
    const commands = planMake(makefiles, file === undefined ? options : { ...options, file });
    return [...Map.groupBy(commands, (each) => each.file)].map(([each, inside]) => ({
      path: `/${each}`,
      commands: inside,
    }));
  });
}

function planMake(tree: FileTree, options: Parameters<typeof planMakeRun>[1]) {
  try {
    return planMakeRun(tree, options).commands;
  } catch (error) {
    // Makefiles in a circle: make says so itself.
    if (isSlipwayError(error, 'INPUT_INVALID')) return [];
    throw error;
  }
}

/** Any word may be the script's name: `./x.sh`, `bash -e x.sh`, `retry 3 x.sh`. */
async function readScripts({ byName }: Checkout, { argv }: ShellCommand): Promise<readonly CalledFile[]> {
  const names = new Set(argv.map((word) => word.slice(word.lastIndexOf('/') + 1)));
  const files = [...names].flatMap((name) => (MAKEFILE.test(name) ? [] : (byName.get(name) ?? [])));
  const scripts: CalledFile[] = [];
  for (const file of files) {
    const text = await readSmall(file);
    const isScript = text !== undefined && (file.endsWith('.sh') || /^#!.*sh\b/.test(text));
    if (isScript) scripts.push({ path: file, commands: readCommands(text).commands });
  }
  return scripts;
}

/** Undefined for what is too large, and for what may not be read, which isn't sent to BuildKit either. */
async function readSmall(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    return size > MOST_SCRIPT_BYTES ? undefined : await readFile(file, 'utf8');
  } catch (error) {
    if (['EACCES', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function nameIn(directories: readonly string[], file: string): string {
  const names = directories.map((directory) => path.relative(directory, file));
  return names.find((name) => !name.startsWith('..')) ?? file;
}
