import type { FileTree } from '../../core/file-tree.ts';
import { unifiedPatch } from '../../lint/diff/unified-patch.ts';
import { overlayTree } from '../../lint/fix/overlay-tree.ts';
import { formatCheckstyle } from '../../lint/formats/checkstyle.ts';
import { formatGithub } from '../../lint/formats/github.ts';
import { formatGitlab } from '../../lint/formats/gitlab.ts';
import { formatJson } from '../../lint/formats/json.ts';
import { formatSarif } from '../../lint/formats/sarif.ts';
import { formatText } from '../../lint/formats/text.ts';
import type { LintOutcome } from '../../lint/lint.ts';
import { reportFindings, type LintReport } from '../../lint/report.ts';
import { dockerfileTest } from '../../lint/settle.ts';
import type { Rule } from '../../lint/types.ts';
import type { CliIo } from '../io.ts';
import { createPaint } from '../progress/paint.ts';
import { writeOut } from '../write-out.ts';
import { writeFiles } from '../../project/write-files.ts';

export interface LintResult extends LintOutcome {
  readonly rules: readonly Rule[];
  readonly version: string;
  readonly dockerfiles: readonly string[];
  readonly fileCount: number;
  readonly unreadCount: number;
}

export interface ResultOptions {
  readonly tree: FileTree & { readonly root: string };
  readonly format: string;
  readonly io: CliIo;
  readonly isDiff: boolean;
  readonly isFix: boolean;
  readonly stdinName: string | undefined;
}

/** Writes mended files and prints: findings or a patch; with `--stdin --fix` the mended text, and the findings beside it. */
export async function formatResult(result: LintResult, options: ResultOptions): Promise<void> {
  const { tree, io, stdinName } = options;
  const changes = [...result.texts].map(([path, after]) => ({ path, before: tree.read(path), after }));
  if (options.isDiff) {
    const patches = changes
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map((change) => unifiedPatch(change.path, change.before, change.after));
    await writeOut(io.stdout, patches.join(''));
    return;
  }
  const findings = reportFindings(
    result.remaining,
    overlayTree(tree, result.texts),
    dockerfileTest(result.dockerfiles),
  );
  const { rules, version, fileCount, unreadCount, fixed } = result;
  const isMended = options.isFix && stdinName !== undefined;
  const text = formatReport({ findings, rules, version, fileCount, unreadCount, fixed }, options, isMended);
  if (isMended) {
    await writeOut(io.stdout, result.texts.get(stdinName) ?? tree.read(stdinName) ?? '');
    io.stderr.write(text);
    return;
  }
  if (options.isFix) await writeFiles(tree.root, changes);
  await writeOut(io.stdout, text);
}

function formatReport(report: LintReport, { format, io }: ResultOptions, isOnStderr: boolean): string {
  switch (format) {
    case 'json':
      return formatJson(report);
    case 'sarif':
      return formatSarif(report);
    case 'github':
      return formatGithub(report);
    case 'checkstyle':
      return formatCheckstyle(report);
    case 'gitlab':
      return formatGitlab(report);
    default:
      return formatText(report, { paint: createPaint(isOnStderr ? io.stderr : io.stdout, io.env) });
  }
}
