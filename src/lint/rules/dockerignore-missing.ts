import type { ImageBuild } from '../facts/image-build.ts';
import type { CopySource, CopyStep } from '../facts/step.ts';
import type { BuildRule, Fix, Problem } from '../types.ts';

export const dockerignoreMissing: BuildRule = {
  id: 'dockerignore-missing',
  number: 28,
  subject: 'build',
  group: 'layers',
  severity: 'low',
  fix: 'unsafe',
  summary: 'the whole directory is copied, and no ignore file keeps heavy parts out',
  check: (build) => checkBuild(build),
};

function checkBuild(build: ImageBuild): readonly Problem[] {
  const { context } = build;
  if (build.flows.length === 0 || !context.hasFiles || context.ignoreFile !== undefined) return [];
  const found = build.steps.flatMap(wholeContextOf)[0];
  const directories = heavyDirectories(build);
  const [first] = directories;
  if (found === undefined || first === undefined) return [];
  const { step, source } = found;
  return [
    {
      file: build.file,
      range: source.range ?? step.range,
      message: `\`${source.text}\` takes \`${first}\` along, as there is no .dockerignore, so the layer is large and new whenever something in there changes`,
      cost: 'seconds to send the context, and steps below that run again',
      fix: fixOf(context.directory, directories),
    },
  ];
}

/** A build may need something that git doesn't hold, so that what to leave out is the author's word. */
function fixOf(directory: string, names: readonly string[]): Fix {
  const file = directory === '' ? '.dockerignore' : `${directory}/.dockerignore`;
  const text = `${[...new Set(names)].join('\n')}\n`;
  return {
    isSafe: false,
    title: `Write \`${file}\``,
    edits: [{ kind: 'replace', file, range: { start: 0, end: 0 }, text }],
  };
}

interface Found {
  readonly step: CopyStep;
  readonly source: CopySource;
}

function wholeContextOf(step: ImageBuild['steps'][number]): readonly Found[] {
  if ((step.kind !== 'copy' && step.kind !== 'add') || step.from !== undefined) return [];
  return step.sources.filter(({ meaning }) => meaning === 'context').map((source) => ({ step, source }));
}

/** Directories of built or fetched things: there already, or kept out of git by name, so that they are there on every laptop. */
function heavyDirectories({ context, repository }: ImageBuild): readonly string[] {
  const start = context.directory === '' ? '' : `${context.directory}/`;
  const kept = (repository.tree.read(`${start}.gitignore`) ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^\/|\/\*{0,2}$/g, ''));
  const isBuilt = (name: string): boolean => kept.includes(name) || holdsBinary(name);
  const holdsBinary = (name: string): boolean =>
    context.files.some((path) => path.startsWith(`${start}${name}/`) && repository.tree.read(path) === undefined);
  const modules =
    context.hasDirectory('node_modules') || repository.tree.hasFile(`${start}package.json`) ? ['node_modules'] : [];
  return [...modules, ...['bin', 'dist', 'out', 'target', 'tmp', '.cache'].filter(isBuilt)];
}
