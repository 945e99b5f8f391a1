import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';

interface Package {
  /** `zod 4.6.7 (MIT)` */
  readonly title: string;
  readonly license: string;
  /** Some hold only the name of their licence. */
  readonly text: string | undefined;
}

const packages = new Map<string, Package>();

/**
 * Writes the licences of the packages that a bundle holds, which ask to go along with copies. Those are the packages that
 * src imports, with all that they depend on in turn; the same text is printed once.
 */
export function writeLicenses(file: string): void {
  const source = join(PROJECT_ROOT, 'src');
  const imported = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [
      ...readFileSync(join(source, path), 'utf8').matchAll(/(?: from |\bimport\()'((?:@[^/']+\/)?[^./'@][^/']*)/g),
    ])
    .flatMap((match) => (match[1] === undefined || match[1].startsWith('node:') ? [] : [match[1]]));
  for (const name of new Set(imported)) gather(name, PROJECT_ROOT);
  const sorted = [...packages.values()].sort((a, b) => (a.title < b.title ? -1 : 1));
  const byText = Map.groupBy(sorted, (each) => textFor(each, sorted));
  const parts = [...byText].map(([text, those]) => `${those.map(({ title }) => title).join('\n')}\n\n${text}\n`);
  writeFileSync(file, parts.join(`\n${'-'.repeat(80)}\n\n`));
}

function gather(name: string, from: string): void {
  const directory = find(name, from);
  if (packages.has(directory)) return;
  const about = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as {
    version: string;
    license: string;
    dependencies?: Record<string, string>;
  };
  const { version, license, dependencies } = about;
  packages.set(directory, { title: `${name} ${version} (${license})`, license, text: readText(directory) });
  for (const dependency of Object.keys(dependencies ?? {})) gather(dependency, directory);
}

/** As Node looks for it: in the node_modules of the directory and of those above. */
function find(name: string, from: string): string {
  const directory = join(from, 'node_modules', name);
  if (existsSync(directory)) return directory;
  if (from === PROJECT_ROOT) throw new Error(`\`${name}\` is not installed`);
  return find(name, dirname(from));
}

function readText(directory: string): string | undefined {
  const file = readdirSync(directory).find((entry) => /^(?:licen[cs]e|copying)(?:\.|$)/i.test(entry));
  return file === undefined ? textInReadme(directory) : readFileSync(join(directory, file), 'utf8').trim();
}

/** Some packages keep the text as the last section of their README. */
function textInReadme(directory: string): string | undefined {
  const readme = join(directory, 'README.md');
  if (!existsSync(readme)) return undefined;
  const [, section] = readFileSync(readme, 'utf8').split(/^(?:#+ *licen[cs]e *|licen[cs]e\n-{3,})$/im);
  return section?.includes('Permission is hereby granted') ? section.replace(/^\[\w+\]: .*$/gm, '').trim() : undefined;
}

/** A package without a text goes with one of the same licence and the same owner, told by its scope. */
function textFor({ title, license, text }: Package, all: readonly Package[]): string {
  if (text !== undefined) return text;
  const owner = title.split('/')[0] ?? title;
  const twin = all.find((other) => other.text && other.license === license && other.title.startsWith(`${owner}/`));
  if (twin?.text === undefined) throw new Error(`${title} has no licence file`);
  return twin.text;
}

// The package's own; scripts/build-action.ts asks for another one.
if (process.argv[1] === import.meta.filename) writeLicenses(join(PROJECT_ROOT, 'dist', 'licenses.txt'));
