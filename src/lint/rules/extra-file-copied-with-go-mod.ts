import { joinPath } from '../../dockerfile/go-text.ts';
import { insertAfter } from '../edits.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CopySource, CopyStep, RunStep } from '../facts/step.ts';
import { isCopiedLater, nextDownload } from '../reading/later-copy.ts';
import { removeSource } from '../reading/source-removal.ts';
import type { BuildRule, Edit, Fix, Problem } from '../types.ts';

export const extraFileCopiedWithGoMod: BuildRule = {
  id: 'extra-file-copied-with-go-mod',
  number: 20,
  subject: 'build',
  group: 'layers',
  severity: 'low',
  fix: 'safe',
  summary: 'a file that the download does not need is copied with go.mod',
  check: (build) =>
    build.steps.flatMap((step) => (step.kind === 'copy' && step.from === undefined ? checkCopy(build, step) : [])),
};

function checkCopy(build: ImageBuild, step: CopyStep): readonly Problem[] {
  const run = nextDownload(step);
  if (run === undefined || step.isTrigger || !step.sources.some(({ meaning }) => meaning === 'manifests')) return [];
  const extras = step.sources.filter((source) => isExtra(build, source) && !run.node.raw.includes(nameOf(source)));
  const [first] = extras;
  if (first?.range === undefined) return [];
  const isMounted = run.commands.some(({ go }) => go?.goModCache.mount !== undefined);
  const fix = fixOf(build, step, { run, extras });
  const names = extras.map(({ text }) => `\`${text}\``).join(', ');
  return [
    {
      file: build.file,
      range: first.range,
      message: `${names} ${extras.length === 1 ? 'stands' : 'stand'} above \`go mod download\`, which doesn't read ${extras.length === 1 ? 'it' : 'them'}, so an edit there runs it again`,
      cost: isMounted
        ? 'a look through the module cache after an edit of that file'
        : 'a full module download after an edit of that file',
      severity: isMounted ? 'info' : 'low',
      ...(fix && { fix }),
    },
  ];
}

/** A single file that the go command doesn't look at: no code, no manifest, no credentials. */
function isExtra({ context }: ImageBuild, source: CopySource): boolean {
  const { meaning, files, value } = source;
  if (meaning !== 'file' || NEEDED.test(nameOf(source)) || /[*?[$]/.test(value)) return false;
  if (!context.hasFiles) return KNOWN.test(nameOf(source));
  return files?.length === 1 && files[0]?.endsWith(joinPath('/', value).slice(1)) === true;
}

function nameOf({ value }: CopySource): string {
  return value.slice(value.lastIndexOf('/') + 1);
}

const NEEDED =
  /\.(?:go|mod|sum|work|pem|crt|cer|key|pub|env)$|^(?:go\..*|\.?netrc|_netrc|\.git.*|known_hosts|id_.*|\.env.*|\.ssh|modules\.txt|.*token.*|.*credential.*)$/i;

const KNOWN =
  /^(?:Makefile|Taskfile.*|Dockerfile.*|README.*|LICEN[CS]E.*|VERSION|.*\.(?:sh|mk|md|ya?ml|json|toml|txt))$/;

interface Found {
  readonly run: RunStep;
  readonly extras: readonly CopySource[];
}

/** Out of this COPY; behind the download where nothing else brings the file. */
function fixOf(build: ImageBuild, step: CopyStep, { run, extras }: Found): Fix | undefined {
  const to = step.node.words.at(-1)?.value;
  const { destination } = step;
  const isRelative = to?.startsWith('/') !== true;
  if (to === undefined || destination === undefined || run.stage !== step.stage) return undefined;
  if ((isRelative && step.before.workdir !== run.before.workdir) || step.before.user !== run.before.user)
    return undefined;
  const edits: Edit[] = [];
  const late: string[] = [];
  for (const extra of extras) {
    const removal = removeSource(build, step, extra);
    if (removal === undefined) return undefined;
    edits.push(removal);
    const [source] = extra.files ?? [];
    const placed = source === undefined ? undefined : { source, path: joinPath(destination, nameOf(extra)) };
    if (placed === undefined || !isCopiedLater(build, run, { like: step, placed })) late.push(extra.text);
  }
  const flags = step.node.flags.map(({ value }) => `${value} `).join('');
  if (late.length > 0)
    edits.push(insertAfter(build, run, [`COPY ${flags}${late.join(' ')} ${/\/$|^\.$/.test(to) ? to : `${to}/`}`]));
  return { isSafe: true, title: late.length > 0 ? 'Copy it behind the download' : "Don't copy it here", edits };
}
