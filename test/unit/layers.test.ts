import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../helpers/tools.ts';

interface Layer {
  /** Folders of src it may import from; its own is always allowed. */
  readonly folders: readonly string[];
  /** npm packages it may import. */
  readonly packages?: readonly string[];
  /** Pure folders take text, bytes or a port and return data: no file, process or network of their own. */
  readonly isPure?: boolean;
}

const BELOW_WARM = ['pack', 'trust', 'store', 'oci', 'buildkit', 'process', 'dockerfile', 'golang', 'shell', 'core'];

/** Which folder may import which: the direction everything in src keeps. A new folder needs a line here. */
const LAYERS: Readonly<Record<string, Layer>> = {
  core: { folders: [] },
  process: { folders: ['core'] },
  shell: { folders: ['core'], packages: ['unbash'], isPure: true },
  dockerfile: { folders: ['shell', 'core'], isPure: true },
  golang: { folders: ['shell', 'core'], isPure: true },
  definitions: { folders: ['dockerfile', 'shell', 'core'], packages: ['yaml'], isPure: true },
  lint: { folders: ['dockerfile', 'golang', 'definitions', 'shell', 'core'], isPure: true },
  generate: { folders: ['dockerfile', 'golang', 'definitions', 'core'], isPure: true },
  pack: { folders: ['core'] },
  trust: { folders: ['pack', 'golang', 'core'] },
  oci: { folders: ['core'] },
  store: { folders: ['oci', 'core'], packages: ['@aws-sdk/client-s3', 'google-auth-library'] },
  buildkit: { folders: ['process', 'dockerfile', 'core'] },
  warm: { folders: BELOW_WARM },
  gocacheprog: { folders: ['store', 'pack', 'core'] },
  doctor: { folders: ['warm', ...BELOW_WARM] },
  explain: { folders: ['dockerfile', 'golang', 'shell', 'core'], isPure: true },
  // What it edits is found by reading packages and Dockerfiles.
  bench: { folders: ['warm', 'generate', 'buildkit', 'dockerfile', 'golang', 'core'] },
  report: {
    folders: ['bench', 'explain', 'core'],
    packages: ['d3-scale', 'd3-shape', '@dagrejs/dagre'],
    isPure: true,
  },
  config: { folders: ['trust', 'core'], packages: ['yaml', 'zod'] },
  // What a run decides and opens before anything is built, for the CLI and the library alike.
  session: { folders: ['config', 'warm', ...BELOW_WARM] },
  // What lint and explain read of a project on the disk.
  project: { folders: ['lint', 'definitions', 'explain', 'config', 'warm', ...BELOW_WARM] },
  cli: {
    folders: [
      'session',
      'project',
      'config',
      'warm',
      'gocacheprog',
      'doctor',
      'lint',
      'definitions',
      'generate',
      'explain',
      'bench',
      'report',
      ...BELOW_WARM,
    ],
  },
  // The CLI runs as a child beside it, so nothing is decided twice.
  action: { folders: ['warm', 'buildkit', 'definitions', 'dockerfile', 'process', 'core'] },
  // The library door, src/index.ts, and what stands behind it.
  '': { folders: ['library', 'session', 'explain', 'lint', 'warm', 'config', ...BELOW_WARM] },
  library: { folders: ['session', 'project', 'explain', 'lint', 'config', 'warm', ...BELOW_WARM] },
};

/** What a pure folder may have of Node: computing, no input or output. */
const PURE_NODE_MODULES = new Set(['node:path', 'node:path/posix', 'node:util', 'node:assert', 'node:buffer']);

/** Only these talk to a person or end the process. */
const PROCESS_OWNERS = ['cli', 'action'];

/** A default of the library's, which may be called with another environment. */
const DEFAULT_ENVIRONMENT = 'library/call.ts';

/** Large packages that a run mostly doesn't need: each is imported by files that are only ever imported dynamically. */
const LAZY_PACKAGES = ['@aws-sdk/client-s3', 'google-auth-library'];

interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  /** `import('…')`, when the program gets there. */
  readonly isDynamic: boolean;
}

const SOURCE = join(PROJECT_ROOT, 'src');
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .toSorted();
const imports = files.flatMap((file) => readImports(file, read(file)));

describe('src', () => {
  it('is all in folders that the table knows', () => {
    const folders = new Set(files.map(folderOf));
    expect([...folders].filter((folder) => LAYERS[folder] === undefined)).toEqual([]);
    expect(files.length).toBeGreaterThan(50);
  });

  it('imports in the direction of the table only', () => {
    expect(imports.filter(isAgainstTheTable).map(format)).toEqual([]);
  });

  it('names every import with its ending, so that Node runs it as it is', () => {
    const wrong = imports.filter(({ specifier }) => specifier.startsWith('.') && !specifier.endsWith('.ts'));
    expect(wrong.map(format)).toEqual([]);
  });

  it('has no import cycles', () => {
    expect(findCycle()).toEqual([]);
  });

  it('loads large packages only when they are needed', () => {
    const atStart = imports.filter(({ isTypeOnly, isDynamic }) => !isTypeOnly && !isDynamic);
    const heavy = atStart.filter(({ specifier }) => LAZY_PACKAGES.includes(specifier)).map(({ from }) => from);
    expect(heavy).toContain('store/backends/s3/s3-sdk.ts');
    const early = atStart.filter(
      ({ from, specifier }) => specifier.startsWith('.') && heavy.includes(targetOf(from, specifier)),
    );
    expect(early.map(format)).toEqual([]);
  });

  it.each([
    ['`console`', /\bconsole\s*\./],
    ['`process.exit`', /\bprocess\.exit\b/],
    ['the standard streams', /\bprocess\.(?:stdout|stderr|stdin)\b/],
    ['the environment', /\bprocess\.env\b/],
  ])('leaves %s to those who own the process', (_, pattern) => {
    const users = files.filter((file) => !PROCESS_OWNERS.includes(folderOf(file)) && pattern.test(code(file)));
    expect(users).toEqual(pattern.test('process.env') ? [DEFAULT_ENVIRONMENT] : []);
  });

  it('has no default exports, enums or namespaces', () => {
    const users = files.filter((file) =>
      /^export default\b|^\s*(?:export )?(?:const )?(?:enum|namespace) \w/m.test(code(file)),
    );
    expect(users).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const judge = (from: string, specifier: string): boolean =>
    isAgainstTheTable({ from, specifier, isTypeOnly: false, isDynamic: false });

  it.each([
    ['core/size.ts', '../pack/types.ts'],
    ['dockerfile/parse.ts', 'node:fs'],
    ['dockerfile/parse.ts', 'node:child_process'],
    ['store/port.ts', '../warm/types.ts'],
    ['warm/build.ts', '../cli/main.ts'],
    ['core/size.ts', 'zod'],
    ['index.ts', './cli/main.ts'],
    ['library/builds.ts', '../cli/session.ts'],
    ['session/session.ts', '../cli/io.ts'],
  ])('refuse `%s` importing `%s`', (from, specifier) => {
    expect(judge(from, specifier)).toBe(true);
  });

  it.each([
    ['store/backends/oci/open.ts', '../../../oci/client.ts'],
    ['dockerfile/parse.ts', 'node:path'],
    ['config/schema.ts', 'zod'],
    ['index.ts', './library/builds.ts'],
  ])('allow `%s` importing `%s`', (from, specifier) => {
    expect(judge(from, specifier)).toBe(false);
  });

  it('see every form of import', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type { B } from './b.ts';",
      "export { c } from './c.ts';",
      "import {\n  d,\n} from './d.ts';",
      "const e = await import('./e.ts');",
      "import './f.ts';",
    ].join('\n');
    const seen = readImports('x.ts', text).map(
      ({ specifier, isTypeOnly }) => `${specifier}${isTypeOnly ? ' type' : ''}`,
    );
    expect(seen.toSorted()).toEqual(['./a.ts', './b.ts type', './c.ts', './d.ts', './e.ts', './f.ts']);
  });
});

function isAgainstTheTable({ from, specifier }: Import): boolean {
  const folder = folderOf(from);
  const layer = LAYERS[folder];
  if (layer === undefined) return true;
  if (specifier.startsWith('node:')) return layer.isPure === true && !PURE_NODE_MODULES.has(specifier);
  if (!specifier.startsWith('.')) return !(layer.packages ?? []).includes(specifier);
  const target = folderOf(targetOf(from, specifier));
  return target !== folder && !layer.folders.includes(target);
}

/** The files of one cycle of value imports, or nothing. Types are gone when the program runs. */
function findCycle(): readonly string[] {
  const edges = Map.groupBy(
    imports.filter(({ specifier, isTypeOnly }) => specifier.startsWith('.') && !isTypeOnly),
    ({ from }) => from,
  );
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { specifier } of edges.get(file) ?? []) {
      const cycle = visit(targetOf(file, specifier), [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  return files.map((file) => visit(file, [])).find((cycle) => cycle.length > 0) ?? [];
}

function readImports(from: string, text: string): readonly Import[] {
  const statements = text.matchAll(/^(?:import|export)\b(?<what>[^;'"]*?)\bfrom\s*'(?<specifier>[^']+)'/gm);
  const bare = text.matchAll(/^import\s+'(?<specifier>[^']+)'/gm);
  const dynamic = text.matchAll(/\bimport\(\s*'(?<specifier>[^']+)'/g);
  const direct = [...statements, ...bare];
  return [...direct, ...dynamic].map((match, i) => ({
    from,
    isDynamic: i >= direct.length,
    specifier: match.groups?.['specifier'] ?? '',
    isTypeOnly: /^\s*type\b/.test(match.groups?.['what'] ?? ''),
  }));
}

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : '';
}

function targetOf(from: string, specifier: string): string {
  return relative(SOURCE, join(SOURCE, dirname(from), specifier));
}

function read(file: string): string {
  return readFileSync(join(SOURCE, file), 'utf8');
}

/** A file without comments and without what stands in quotes. */
function code(file: string): string {
  return read(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(/'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g, "''");
}

function format({ from, specifier }: Import): string {
  return `${from} -> ${specifier}`;
}
