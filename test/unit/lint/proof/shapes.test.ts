import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { parseDockerfile } from '../../../../src/dockerfile/parse.ts';
import { isDockerfileName } from '../../../../src/lint/dockerfile-names.ts';
import { applyEdits } from '../../../../src/lint/fix/apply-edits.ts';
import { reportFindings } from '../../../../src/lint/report.ts';
import { SEVERITIES, type Edit, type Finding } from '../../../../src/lint/types.ts';
import { readLintShapes } from '../../../helpers/lint-shapes.ts';
import { lintTexts, showFinding } from '../../../helpers/lint-texts.ts';

type Texts = Readonly<Record<string, string>>;

const shapes = readLintShapes();
const linted = shapes.map((shape) => ({ shape, outcome: lintTexts(shape.files) }));

describe('shapes', () => {
  it('are at least 300 different Dockerfiles, most of which lint has something to say about', () => {
    const dockerfiles = shapes.flatMap(({ files }) => Object.entries(files).filter(([path]) => isDockerfileName(path)));
    expect(new Set(dockerfiles.map(([, text]) => text)).size).toBeGreaterThanOrEqual(300);
    expect(linted.filter(({ outcome }) => outcome.remaining.length > 0).length).toBeGreaterThan(200);
  });

  it('are linted without a fault, and each finding lies in its file', () => {
    const wrong = linted.flatMap(({ shape, outcome }) => [
      ...outcome.faults.map(({ message }) => `${shape.name}: ${message}`),
      ...outcome.remaining.flatMap((finding) =>
        wrongWith(finding, shape.files).map((text) => `${shape.name}: ${text}`),
      ),
    ]);
    expect(wrong).toEqual([]);
  });

  it('report a place, and a preview for each fix', () => {
    for (const { shape, outcome } of linted) {
      const reported = reportFindings(outcome.remaining, fileTreeOf(shape.files), isDockerfileName);
      for (const { start, end, sourceLine, preview, fix, ruleId } of reported) {
        expect(start.line).toBeLessThanOrEqual(end.line);
        expect(start.column).toBeGreaterThan(0);
        expect(sourceLine).not.toMatch(/[\r\n]/);
        if (fix?.isSafe === true) expect(preview, `${shape.name} ${ruleId}`).not.toEqual([]);
      }
    }
  });
});

describe.each(['safe', 'unsafe'] as const)('%s fixes of all shapes', (fixes) => {
  const mended = shapes.map((shape) => {
    const outcome = lintTexts(shape.files, fixes);
    return { shape, outcome, files: { ...shape.files, ...Object.fromEntries(outcome.texts) } };
  });

  it('are made in many of them', () => {
    expect(mended.filter(({ outcome }) => outcome.texts.size > 0).length).toBeGreaterThan(100);
  });

  it('leave what lint said would remain, and none of what was fixed', () => {
    const wrong = mended.flatMap(({ shape, outcome, files }) => {
      const again = lintTexts(files);
      const told = again.remaining.map((finding) => showFinding(finding, files)).toSorted();
      const said = outcome.remaining.map((finding) => showFinding(finding, files)).toSorted();
      const counts = Map.groupBy(outcome.fixed, keyOf);
      const before = Map.groupBy(lintTexts(shape.files).remaining, keyOf);
      const after = Map.groupBy(again.remaining, keyOf);
      const left = [...counts.keys()].filter(
        (key) => (after.get(key)?.length ?? 0) > Math.max(0, (before.get(key)?.length ?? 0) - 1),
      );
      return [
        ...again.faults.map(({ message }) => `${shape.name}: fault ${message}`),
        ...(JSON.stringify(told) === JSON.stringify(said)
          ? []
          : [`${shape.name}: ${told.join('\n')} !== ${said.join('\n')}`]),
        ...left.map((key) => `${shape.name}: still has ${key}`),
      ];
    });
    expect(wrong).toEqual([]);
  });

  it('are the same made twice', () => {
    const wrong = mended.flatMap(({ shape, files }) => {
      const twice = lintTexts(files, fixes);
      return [...twice.texts].map(([path, text]) => `${shape.name} ${path}:\n${files[path]}\n---\n${text}`);
    });
    expect(wrong).toEqual([]);
  });

  it('bring no finding from medium that was not there', () => {
    const wrong = mended.flatMap(({ shape, files }) => {
      const before = new Set(linted.find((each) => each.shape === shape)?.outcome.remaining.map(keyOf));
      return lintTexts(files)
        .remaining.filter(({ severity }) => severity === 'high' || severity === 'medium')
        .filter((finding) => !before.has(keyOf(finding)))
        .map((finding) => `${shape.name}: ${showFinding(finding, files)}`);
    });
    expect(wrong).toEqual([]);
  });

  it('keep comments, line ends, byte order marks and the end of the file', () => {
    const wrong = mended.flatMap(({ shape, outcome }) =>
      [...outcome.texts].flatMap(([path, text]) =>
        // A new file has no style to keep.
        wrongStyle(shape.files[path] ?? text, text).map((what) => `${shape.name} ${path}: ${what}\n${text}`),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

describe('each fix alone', () => {
  const alone = linted.flatMap(({ shape, outcome }) =>
    outcome.remaining
      .filter(({ file, fix }) => isDockerfileName(file) && fix !== undefined && fix.edits.length > 0)
      .map((finding) => ({ shape, finding })),
  );

  it('changes only bytes of the instructions that it names', () => {
    expect(alone.length).toBeGreaterThan(300);
    const wrong = alone.flatMap(({ shape, finding }) => {
      const edits = (finding.fix?.edits ?? []).filter(({ file }) => file === finding.file);
      const before = shape.files[finding.file] ?? '';
      const after = applyEdits(before, edits, true);
      if (after === undefined) return finding.fix?.isSafe === true ? [`${shape.name}: can't be made`] : [];
      return keepsOthers(before, after, edits) ? [] : [`${shape.name} ${finding.ruleId}:\n${before}\n---\n${after}`];
    });
    expect(wrong).toEqual([]);
  });
});

function keyOf({ ruleId, file }: Finding): string {
  return `${file} ${ruleId}`;
}

function wrongWith({ file, range, severity, message, cost, fix }: Finding, files: Texts): readonly string[] {
  const length = files[file]?.length;
  const isInside = length !== undefined && 0 <= range.start && range.start <= range.end && range.end <= length;
  const editsInside = (fix?.edits ?? []).every((edit) => isEditInside(edit, files));
  return [
    ...(isInside ? [] : [`range ${range.start}-${range.end} of ${file} (${length}): ${message}`]),
    ...(editsInside ? [] : [`edits outside of their file: ${message}`]),
    ...(SEVERITIES.includes(severity) ? [] : [`severity ${severity}`]),
    ...(/^\S[^\r\n]*[^.\s]$/.test(message) ? [] : [`message: ${JSON.stringify(message)}`]),
    ...(cost === '' ? ['no cost'] : []),
  ];
}

function isEditInside(edit: Edit, files: Texts): boolean {
  // A file that isn't there yet can only be begun.
  const length = files[edit.file]?.length ?? 0;
  const { start, end } = 'range' in edit ? edit.range : { start: edit.at, end: edit.at };
  return 0 <= start && start <= end && end <= length;
}

function wrongStyle(before: string, after: string): readonly string[] {
  const comments = (text: string): readonly string[] =>
    text.split(/\r?\n/).flatMap((line) => (/^\s*#/.test(line) ? [line.trim()] : []));
  const kept = comments(after);
  // A comment right above an instruction that goes, goes along.
  const lost = comments(before).filter((line) => !kept.includes(line));
  const goneInstructions = countOf(before) - countOf(after);
  return [
    ...(lost.length > Math.max(0, goneInstructions) ? [`lost ${lost.join(' | ')}`] : []),
    ...(/\r\n/.test(before) && !/[^\r]\n/.test(before) && /(?:^|[^\r])\n/.test(after)
      ? ['a line end without \\r']
      : []),
    ...(!before.includes('\r') && after.includes('\r') ? ['a \\r'] : []),
    ...(before.startsWith('\ufeff') === after.startsWith('\ufeff') ? [] : ['byte order mark']),
    ...(before.endsWith('\n') === after.endsWith('\n') ? [] : ['the end of the file']),
  ];
}

function countOf(text: string): number {
  return parseDockerfile(text).instructions.length;
}

/** Text before and behind every touched instruction is found again in order, byte for byte. */
function keepsOthers(before: string, after: string, edits: readonly Edit[]): boolean {
  const nodes = parseDockerfile(before).instructions;
  const touched = nodes.map(({ range }) =>
    edits.some((edit) => {
      if (edit.kind === 'insert-before' || edit.kind === 'insert-after') return false;
      if (edit.kind === 'move-before') return edit.instructions.includes(range.start);
      if (!('range' in edit)) return edit.at === range.start;
      return edit.range.start <= range.end && range.start <= edit.range.end;
    }),
  );
  let at = 0;
  for (const [index, { range }] of nodes.entries()) {
    if (touched[index] === true) continue;
    const text = before.slice(range.start, range.end).trimEnd();
    const found = after.indexOf(text, at);
    if (found < 0) return false;
    at = found + text.length;
  }
  const first = nodes.find((_, index) => touched[index] === true)?.range.start ?? before.length;
  const start = Math.min(first, ...edits.map((edit) => ('range' in edit ? edit.range.start : edit.at)));
  return after.startsWith(withoutLastComments(before.slice(0, start)));
}

/** Comment lines right above an instruction may go or move along with it. */
function withoutLastComments(text: string): string {
  const lines = text.split('\n');
  while (/^\s*(?:#.*)?$/.test(lines.at(-1) ?? 'x')) lines.pop();
  return lines.join('\n');
}
