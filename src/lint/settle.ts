import { SlipwayError } from '../core/errors.ts';
import type { FileTree } from '../core/file-tree.ts';
import { nearestWord } from '../core/nearest-word.ts';
import type { Range } from '../dockerfile/tree.ts';
import { isDockerfileName } from './dockerfile-names.ts';
import { readComments } from './comments.ts';
import { generatorOf } from './generated.ts';
import { NOT_FOLLOWED } from './not-followed.ts';
import { positionsOf } from './positions.ts';
import { readSuppressions, type Suppression } from './suppressions.ts';
import type { Finding, Severity } from './types.ts';

export interface SettleOptions {
  readonly files: FileTree;
  /** Files that may hold suppressions, besides those with findings. */
  readonly subjects: readonly string[];
  readonly isDockerfile: (path: string) => boolean;
  /** Ids of all rules there are. */
  readonly known: readonly string[];
  /** Ids of the rules that ran. */
  readonly enabled: ReadonlySet<string>;
  /** Weights that the configuration sets. */
  readonly severities: ReadonlyMap<string, Severity>;
}

/** The id of what is said of an ignore comment that nothing needs; it is no rule of the catalogue. */
export const UNUSED_IGNORE = 'unused-ignore';

/**
 * What is left of findings after the files had their say: suppressed ones are gone, fixes of generated files too, and an unsafe fix
 * is not offered where a comment at the line says why it is as it is. Throws CONFIG_INVALID for an ignore comment of a rule
 * that isn't there.
 */
export function settle(findings: readonly Finding[], options: SettleOptions): readonly Finding[] {
  const paths = [...new Set([...options.subjects, ...findings.map(({ file }) => file)])];
  const suppressions = paths.flatMap((path) => {
    const text = options.files.read(path) ?? '';
    const found = readSuppressions(path, text, options.isDockerfile(path));
    refuseUnknown(found, text, options.known);
    return found;
  });
  const used = new Set<Suppression>();
  const left = findings.filter((finding) => {
    const by = suppressions.filter((each) => suppresses(each, finding));
    for (const each of by) used.add(each);
    return by.length === 0;
  });
  const unused = suppressions.filter((each) => !used.has(each) && options.enabled.has(each.ruleId));
  const about = fileNotes(options);
  return [...left.map((finding) => withFileNotes(weigh(finding, options), about)), ...unused.map(toFinding)];
}

function refuseUnknown(suppressions: readonly Suppression[], text: string, known: readonly string[]): void {
  const wrong = suppressions.find(({ ruleId }) => ruleId !== NOT_FOLLOWED && !known.includes(ruleId));
  if (wrong === undefined) return;
  const nearest = nearestWord(wrong.ruleId, known);
  const location = `${wrong.file}:${positionsOf(text)(wrong.range.start).line}`;
  throw new SlipwayError('CONFIG_INVALID', `${location}: no rule is called \`${wrong.ruleId}\``, {
    hint: nearest === undefined ? 'See `slipway lint --list-rules`.' : `Did you mean \`${nearest}\`?`,
    location,
  });
}

function suppresses({ file, ruleId, about }: Suppression, finding: Finding): boolean {
  if (file !== finding.file || ruleId !== finding.ruleId) return false;
  return about === undefined || isInside(finding.range, about);
}

function isInside({ start }: Range, about: Range): boolean {
  return about.start <= start && start <= about.end;
}

function weigh(finding: Finding, { severities }: SettleOptions): Finding {
  const severity = severities.get(finding.ruleId);
  return severity === undefined ? finding : { ...finding, severity };
}

interface FileNotes {
  readonly generator: (file: string) => string | undefined;
  readonly isExplained: (finding: Finding) => boolean;
}

function fileNotes({ files, isDockerfile }: SettleOptions): FileNotes {
  const generators = new Map<string, string | undefined>();
  const comments = new Map<string, ReturnType<typeof readComments>>();
  const commentsOf = (file: string): ReturnType<typeof readComments> => {
    const known = comments.get(file) ?? readComments(files.read(file) ?? '', isDockerfile(file));
    comments.set(file, known);
    return known;
  };
  return {
    generator: (file) => {
      if (!generators.has(file)) generators.set(file, generatorOf(files.read(file) ?? ''));
      return generators.get(file);
    },
    isExplained: ({ file, range }) =>
      commentsOf(file).some(({ about, text }) => about !== undefined && isInside(range, about) && EXPLAINS.test(text)),
  };
}

/** Words of somebody who did it on purpose. */
const EXPLAINS =
  /\b(?:do(?:es)?n'?t|do not|does not|must(?: not|n't)?|never|intentional(?:ly)?|deliberate(?:ly)?|on purpose|because|rel(?:y|ies) on|required? (?:by|for|to)|needed (?:by|for|to)|needs?|workaround|otherwise|so that|in order to|keep)\b/i;

function withFileNotes(finding: Finding, notes: FileNotes): Finding {
  const { fix, file } = finding;
  const edited = [...new Set([file, ...(fix?.edits ?? []).map((edit) => edit.file)])];
  const generator = edited.map(notes.generator).find((each) => each !== undefined);
  if (generator !== undefined) return { ...finding, fix: undefined, generator };
  return fix !== undefined && !fix.isSafe && notes.isExplained(finding) ? { ...finding, fix: undefined } : finding;
}

function toFinding({ file, ruleId, range }: Suppression): Finding {
  return {
    ruleId: UNUSED_IGNORE,
    file,
    range,
    severity: 'low',
    confidence: 'high',
    message: `nothing here is found by \`${ruleId}\`, so the comment ignores nothing`,
    cost: 'a comment that would hide a later fault',
  };
}

/** Default of `isDockerfile`. */
export function dockerfileTest(dockerfiles: readonly string[]): (path: string) => boolean {
  const named = new Set(dockerfiles);
  return (path) => named.has(path) || isDockerfileName(path);
}
