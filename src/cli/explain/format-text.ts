import { formatCause } from '../../explain/cause-words.ts';
import type { ExplainDocument, StepDocument } from '../../explain/document.ts';
import type { ExplainedPackage } from '../../explain/explain-packages.ts';
import type { StepMount } from '../../explain/types.ts';
import type { Paint, Style } from '../progress/paint.ts';

const WIDEST = 76;

/** A tree of stages and steps: what re-runs in red, what is cached in green, what the steps find in their mounts below them. */
export function formatExplanation(document: ExplainDocument, paint: Paint): string {
  const lines: string[] = [];
  let stage: string | undefined;
  for (const step of document.steps) {
    if (step.stage !== stage) {
      stage = step.stage;
      lines.push(paint('bold', stage === '' ? 'the build' : `stage ${stage}`));
    }
    lines.push(...stepLines(step, paint));
  }
  if (document.steps.length === 0) lines.push('The build has no step that could re-run.');
  lines.push(...packageLines(document.packages ?? [], paint));
  lines.push('', summary(document));
  return `${lines.join('\n')}\n`;
}

function stepLines(step: StepDocument, paint: Paint): readonly string[] {
  const [word, style] = stateOf(step);
  const text = oneLine(step.text);
  const took = step.seconds === undefined ? '' : `, ${step.seconds.toFixed(1)} s`;
  const lines = [`  ${paint(style, word.padEnd(8))} ${text} ${paint('dim', `(line ${step.line}${took})`)}`];
  const [first, ...more] = step.causes;
  if (first !== undefined) {
    const others = more.filter(({ kind }) => kind === first.kind).length;
    lines.push(`           ${formatCause(first)}${others === 0 ? '' : `, and ${others} more like it`}`);
  }
  if (step.state === 're-run' || step.state === 'failed') lines.push(...mountLines(step));
  return lines;
}

function stateOf({ state, isConditional }: StepDocument): readonly [string, Style] {
  if (state === 'failed') return ['failed', 'red'];
  if (state === 'not-run') return ['not run', 'dim'];
  if (state === 'cached') return isConditional ? ['cached?', 'yellow'] : ['cached', 'green'];
  return isConditional ? ['re-run?', 'yellow'] : ['re-run', 'red'];
}

const MOST_PACKAGES = 12;

const PACKAGE_WORDS: Readonly<Record<ExplainedPackage['kind'], string>> = {
  go: 'another Go:',
  settings: 'another target:',
  flags: 'other flags:',
  import: 'for the sake of',
  sources: '',
  new: '',
};

function packageLines(packages: readonly ExplainedPackage[], paint: Paint): readonly string[] {
  if (packages.length === 0) return [];
  const shown = packages.slice(0, MOST_PACKAGES).map(({ path, kind, detail }) => {
    return `  ${paint('red', 'compiled')} ${path} ${paint('dim', `${PACKAGE_WORDS[kind]} ${detail}`.trim())}`;
  });
  const rest = packages.length - shown.length;
  return [paint('bold', 'packages'), ...shown, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

/** What a re-run compile finds, which decides what it costs. */
function mountLines({ mounts, keyword }: StepDocument): readonly string[] {
  if (keyword !== 'RUN') return [];
  return mounts.map((mount) => `           mount ${mount.target}: ${mountWords(mount)}`);
}

function mountWords({ kind }: StepMount): string {
  if (kind === 'gocache')
    return "keeps Go's build cache: what didn't change is not compiled again on a builder that has it";
  if (kind === 'gomodcache') return 'keeps the modules: none is downloaded again on a builder that has them';
  return 'keeps what earlier runs of the step left';
}

function summary({ tells, counts, steps, packages, ignored }: ExplainDocument): string {
  const { rerun, conditional } = counts;
  const more = conditional === 0 ? '' : `, ${conditional} more may`;
  const first = steps.find(
    ({ causes: [cause] }) => cause !== undefined && cause.kind !== 'step' && cause.kind !== 'remote',
  );
  const because =
    first?.causes[0] === undefined
      ? ''
      : `; first ${first.keyword} in line ${first.line}: ${formatCause(first.causes[0])}`;
  const out =
    ignored.length === 0
      ? ''
      : `\nKept out by the ignore file: ${ignored.slice(0, 5).join(', ')}${ignored.length > 5 ? ', …' : ''}`;
  const verb = tells === 'build' ? 're-ran' : 're-run';
  const compiled =
    packages === undefined ? '' : `\n${packages.length} package${packages.length === 1 ? '' : 's'} compiled`;
  return `${rerun} of ${steps.length} steps ${verb}${more}${because}${compiled}${out}`;
}

function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, ' ');
  return flat.length > WIDEST ? `${flat.slice(0, WIDEST - 1)}…` : flat;
}
