import { joinPath } from '../../dockerfile/go-text.ts';
import type { Step } from '../../dockerfile/stage-graph.ts';
import type { Word } from '../../dockerfile/tree.ts';
import type { BuildContextFacts } from './build-context.ts';
import type { CopySource, SourceMeaning } from './step.ts';
import { pathPattern } from './path-pattern.ts';

export interface SourceReading {
  readonly step: Step;
  readonly isJson: boolean;
  readonly expand: (word: string) => string;
  readonly context: BuildContextFacts;
}

/** What the sources of a COPY or ADD are. */
export function readSources(words: readonly Word[], reading: SourceReading): readonly CopySource[] {
  return words.map((word) => readSource(word, reading));
}

function readSource(word: Word, { step, isJson, expand, context }: SourceReading): CopySource {
  const value = word.value.includes('<<') ? word.value : expand(word.value);
  const range = step.isTrigger || isJson ? undefined : word.range;
  const written = { value, text: word.value, range };
  if (step.flags.has('from')) return { ...written, meaning: 'stage', files: undefined };
  if (word.value.startsWith('<<')) return { ...written, meaning: 'heredoc', files: [] };
  if (step.instruction.name === 'add' && isRemote(value))
    return { ...written, meaning: remoteMeaning(value), files: [] };
  const path = joinPath('/', value).slice(1);
  if (path === '') return { ...written, meaning: 'context', files: context.hasFiles ? context.files : undefined };
  if (value.includes('$')) return { ...written, meaning: 'file', files: undefined };
  const files = context.hasFiles ? matchFiles(path, context) : undefined;
  return { ...written, meaning: meaningOf(path, files, context), files };
}

function isRemote(value: string): boolean {
  return /^(?:https?|git|ssh):\/\/|^git@/.test(value);
}

function remoteMeaning(value: string): SourceMeaning {
  return /^(?:git|ssh):|^git@|\.git(?:#|$)/.test(value) ? 'git' : 'url';
}

const MANIFEST = /(?:^|\/)(?:go\.(?:mod|sum|work|work\.sum)|vendor\/modules\.txt)$/;

/** Names of files that have no ending. */
const PLAIN_FILE =
  /(?:^|\/)(?:GNU[Mm]akefile|[Mm]akefile|Dockerfile|Containerfile|LICENSE|NOTICE|VERSION|README|CHANGELOG|Justfile|Magefile|Taskfile|entrypoint|netrc|known_hosts|id_\w+)$/;

function meaningOf(path: string, files: readonly string[] | undefined, context: BuildContextFacts): SourceMeaning {
  const isPattern = /[*?[]/.test(path);
  if (!isPattern) {
    if (MANIFEST.test(path)) return 'manifests';
    if (!context.hasFiles)
      return /^[^.]+$/.test(path.slice(path.lastIndexOf('/') + 1)) && !PLAIN_FILE.test(path) ? 'directory' : 'file';
    return context.hasDirectory(path) ? 'directory' : 'file';
  }
  // `go.*`, `go.mo?`: manifests by their own shape, whatever else lies there.
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (/^go\.[a-z*?[\]]*$/.test(last) && (files ?? []).every((file) => MANIFEST.test(file))) return 'manifests';
  if (path === '*' || path === '**') return 'context';
  return (files ?? []).some((file) => file.split('/').length > joinPath(context.directory, path).split('/').length)
    ? 'directory'
    : 'file';
}

/** Source: BuildKit's wildcards are those of Go's filepath.Match, one path element at a time; a directory brings all in it. */
function matchFiles(path: string, context: BuildContextFacts): readonly string[] {
  const start = context.directory === '' ? '' : `${context.directory}/`;
  if (!/[*?[]/.test(path)) {
    const own = `${start}${path}`;
    return context.files.filter((file) => file === own || file.startsWith(`${own}/`));
  }
  const pattern = pathPattern(path);
  return context.files.filter((file) => pattern.test(file.slice(start.length)));
}
