import { cp, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { FIRST_TEXT, modelBuild, type ModelBuild, type Tree } from './build-model.ts';
import { bump, edit } from './commits.ts';
import { buildProgram, type CacheFile, go, type HostGo, listCache, listPackages } from './host-go.ts';
import { HEADER_BYTES } from './made-entry.ts';
import type { RecordedProject } from './project.ts';

/** One real build beside the model's. */
export interface CheckedBuild {
  readonly what: string;
  readonly compiled: number;
  /** Compiled by one and not by the other. */
  readonly onlyReal: readonly string[];
  readonly onlyModel: readonly string[];
  /** Packed bytes of the entries that the build added, and of those that it read. */
  readonly newBytes: Compared;
  readonly readBytes: Compared;
}

export interface Compared {
  readonly real: number;
  readonly model: number;
}

/** A change of the project's files, and of the model's tree. */
export interface CheckStep {
  readonly what: string;
  readonly apply: (host: HostGo) => Promise<void>;
  readonly change: (tree: Tree) => Tree;
}

/** Builds each step with the real go, on a cache that holds the recorded build, and holds the model against it. */
export async function checkModel(
  project: RecordedProject,
  host: HostGo,
  {
    steps,
    scratch,
    onBuild,
  }: { steps: readonly CheckStep[]; scratch: string; onBuild?: (build: CheckedBuild) => void },
): Promise<readonly CheckedBuild[]> {
  let tree: Tree = { goVersion: project.goVersion, modules: new Map(), texts: new Map() };
  const modelled = createModelCache(project);
  modelled.build(tree, 'before');
  const builds: CheckedBuild[] = [];
  const known = new Set((await buildProgram(host, scratch)).values());
  for (const [number, step] of steps.entries()) {
    await step.apply(host);
    tree = step.change(tree);
    await ageFiles(host, number);
    const before = new Map((await listCache(host)).map((file) => [file.path, file]));
    const beganMs = Date.now();
    const real = await buildProgram(host, scratch);
    const after = await listCache(host);
    const made = after.filter(({ path }) => !before.has(path));
    const read = after.filter(({ path, changedAtMs }) => before.has(path) && changedAtMs >= beganMs - 1000);
    const compiled = [...real].filter(([, id]) => !known.has(id)).map(([name]) => name);
    for (const id of real.values()) known.add(id);
    const model = modelled.build(tree, `checkout ${number}`);
    const build = {
      what: step.what,
      compiled: compiled.length,
      onlyReal: compiled.filter((name) => !model.compiled.has(name)),
      onlyModel: [...model.compiled].filter((name) => !compiled.includes(name)),
      newBytes: { real: await packedBytes(host, made), model: model.newBytes },
      readBytes: { real: await packedBytes(host, read), model: model.readBytes },
    };
    builds.push(build);
    onBuild?.(build);
  }
  return builds;
}

/** A GOCACHE that never loses anything, by the model. */
function createModelCache(project: RecordedProject) {
  const present = new Map<string, number>();
  const compiledOnce = new Set<string>();
  const build = (tree: Tree, checkout: string) => {
    const { entries, beside, compiles }: ModelBuild = modelBuild(project, tree, checkout);
    const compiled = new Set<string>();
    let [newBytes, readBytes] = [0, 0];
    const need = (key: string, packed: number): void => {
      if (present.has(key)) readBytes += packed;
      else newBytes += packed;
      present.set(key, packed);
    };
    for (const { key, kind, weight } of entries) if (kind === 'gocache') need(key, weight[1] + HEADER_BYTES);
    for (const [at, action] of compiles) {
      if (compiledOnce.has(action)) continue;
      compiledOnce.add(action);
      compiled.add(project.packages[at]?.path ?? '');
      for (const { key, weight } of beside.get(action) ?? [])
        if (!present.has(key)) need(key, weight[1] + HEADER_BYTES);
    }
    return { compiled, newBytes, readBytes };
  };
  return { build };
}

/** As a checkout leaves them: new times, and old enough for Go to keep an index. The cache as a restore leaves it. */
async function ageFiles(host: HostGo, number: number): Promise<void> {
  const checkedOut = new Date(Date.now() - 600_000 + number * 1000);
  const own = (await listPackages(host)).filter(({ Module }) => Module?.Main === true);
  for (const { Dir, GoFiles = [] } of own)
    for (const name of GoFiles) await utimes(join(Dir, name), checkedOut, checkedOut);
  const old = new Date(Date.now() - 48 * 3_600_000);
  for (const { path } of await listCache(host)) await utimes(join(host.cache, path), old, old);
}

async function packedBytes(host: HostGo, files: readonly CacheFile[]): Promise<number> {
  let bytes = 0;
  for (const { path, sizeBytes } of files) {
    const content = await readFile(join(host.cache, path));
    bytes += HEADER_BYTES + (sizeBytes === 0 ? 0 : deflateRawSync(content, { level: 1 }).length);
  }
  return bytes;
}

/** Ten builds: each kind of change that a history has, small and wide. */
export function checkSteps(project: RecordedProject): readonly CheckStep[] {
  const own = (name: string): number => project.packages.findIndex(({ path }) => path === `example.com/harbour${name}`);
  const append = (file: string, name: string, at: number): CheckStep => ({
    what: `${file}: a function more at its end`,
    apply: ({ project: directory }) =>
      changeFile(
        directory,
        file,
        (text) => `${text}\nfunc added${name}(n int) int { return n * ${name.length + 40} }\n`,
      ),
    change: (tree) => edit(tree, at, { name, isBodyOnly: false }),
  });
  const shift = (file: string, name: string, at: number): CheckStep => ({
    what: `${file}: a line more at its top`,
    apply: ({ project: directory }) =>
      changeFile(directory, file, (text) => text.replace(/^package \w+$/m, `$&\n\n// ${name}`)),
    change: (tree) => edit(tree, at, { name, isBodyOnly: false }),
  });
  const replace = (module: string, name: string): CheckStep => ({
    what: `${module}: from another directory, as another version is`,
    apply: async (host) => {
      const from = (await go(host, 'list', '-m', '-f', '{{.Dir}}', module)).trim();
      const to = join(host.project, '..', name);
      await cp(from, to, { recursive: true });
      await go(host, 'mod', 'edit', `-replace=${module}=${to}`);
    },
    change: (tree) => bump(tree, [project.modules.findIndex(({ path }) => path === module)], name),
  });
  return [
    { what: 'no change, checked out anew', apply: async () => {}, change: (tree) => tree },
    append('main.go', 'Main', own('')),
    append('internal/greeting/greeting.go', 'Greeting', own('/internal/greeting')),
    shift('internal/mark/mark.go', 'Mark', own('/internal/mark')),
    shift('internal/manifest/manifest.go', 'Manifest', own('/internal/manifest')),
    shift('internal/kube/client/client.go', 'Client', own('/internal/kube/client')),
    append('internal/blob/blob.go', 'Blob', own('/internal/blob')),
    {
      what: 'internal/blob/blob.go: taken back',
      apply: ({ project: directory }) =>
        changeFile(directory, 'internal/blob/blob.go', (text) => text.replace(/\nfunc addedBlob.*\n$/, '')),
      change: (tree) => ({ ...tree, texts: new Map([...tree.texts, [own('/internal/blob'), FIRST_TEXT]]) }),
    },
    shift('internal/event/event.go', 'Event', own('/internal/event')),
    {
      what: 'internal/blob/blob.go: another text in a function that is not inlined',
      apply: ({ project: directory }) =>
        changeFile(directory, 'internal/blob/blob.go', (text) =>
          text.replace('"parse location"', '"parse the location"'),
        ),
      change: (tree) => edit(tree, own('/internal/blob'), { name: 'Text', isBodyOnly: true }),
    },
    replace('github.com/spf13/cobra', 'cobra-copy'),
    replace('go.opentelemetry.io/otel/trace', 'trace-copy'),
  ];
}

async function changeFile(directory: string, file: string, change: (text: string) => string): Promise<void> {
  const path = join(directory, file);
  await writeFile(path, change(await readFile(path, 'utf8')));
}
