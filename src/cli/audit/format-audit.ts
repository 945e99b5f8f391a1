import { formatBytes, formatCount, formatSeconds } from '../../core/size.ts';
import type { ActionDifference } from '../../warm/audit/compare-actions.ts';
import type { FileDifference } from '../../warm/audit/compare-trees.ts';
import type { AuditReport, AuditVerdict, Judged } from '../../warm/audit/types.ts';
import { cleanText } from '../../core/clean-text.ts';

/** Longer lists say no more to a person; `--format json` has all. */
const MOST_LINES = 20;

/** The verdict first, then what it rests on. */
export function formatAudit(report: AuditReport): string {
  const { restored, compared, builds } = report;
  const lines = [
    `audit      ${VERDICTS[report.verdict]}`,
    ...formatList(report.differences.map(formatFile)),
    ...formatList(report.actions.map(formatAction)),
    ...(isWarmFailed(report) ? ['warm       the build over what was restored failed, the cold one did not'] : []),
    `restored   ${counted(restored.packs, 'pack')}, ${formatBytes(restored.bytes)}: ${formatCount(restored.entries)} entries with ` +
      `${counted(restored.actions, 'action')} and ${counted(restored.packages, 'compiled package')}, from ${restored.snapshots.join(', ')}`,
    `used       ${counted(restored.used, 'restored action')} by the warm build`,
    `compared   ${counted(compared.files, 'path')} of the result; ${counted(compared.verified, 'restored action')} checked by Go, ` +
      `${formatCount(compared.actions)} done by the cold build too`,
    `builds     ${builds.map(({ name, seconds }) => `${name} ${formatSeconds(seconds)}`).join(', ')}`,
    ...report.warnings.map((warning) => `warning    ${shown(warning)}`),
    ...HINTS[report.verdict],
  ];
  return `${lines.join('\n')}\n`;
}

const VERDICTS: Readonly<Record<AuditVerdict, string>> = {
  alike: 'the same: what the store gives is what a cold build gives',
  differs: 'DIFFERENT: what the store gives is not what a cold build gives, and cold builds agree with each other',
  irreproducible:
    'nothing proven: this build is not reproducible by itself, two cold builds differ where the warm one does',
};

const HINTS: Readonly<Record<AuditVerdict, readonly string[]>> = {
  alike: [],
  differs: [
    'next       keep the scope from being read (`slipway cache gc`, or another `--scope`), find out who wrote the snapshots (`slipway cache ls`),',
    '           and believe only signed ones: `trusted-keys`',
  ],
  irreproducible: [
    'next       build with -trimpath and -buildvcs=false, and with fixed dates in place of those of the day; then audit again',
  ],
};

function formatFile({ path, change, isReproducible, ...sides }: Judged<FileDifference>): string {
  const [warm, cold] = [shown(sides.warm ?? ''), shown(sides.cold ?? '')];
  const what: Readonly<Record<FileDifference['change'], string>> = {
    content: `warm ${warm}, cold ${cold}`,
    mode: `mode ${warm} warm, ${cold} cold`,
    type: `a ${warm} warm, a ${cold} cold`,
    'only-warm': 'only in the warm build',
    'only-cold': 'only in the cold build',
  };
  return `file       /${shown(path)}: ${what[change]}${formatShaky(isReproducible)}`;
}

function formatAction(difference: Judged<ActionDifference>): string {
  const { action, cached, rebuilt, isReproducible } = difference;
  const name = difference.package === undefined ? 'action' : `package ${shown(difference.package)}, action`;
  const outputs =
    cached === undefined || rebuilt === undefined ? '' : `: output ${short(cached)} cached, ${short(rebuilt)} rebuilt`;
  return `cache      ${name} ${short(action)}${outputs}${formatShaky(isReproducible)}`;
}

function formatShaky(isReproducible: boolean): string {
  return isReproducible ? '' : ' (cold builds differ here too)';
}

function formatList(lines: readonly string[]): readonly string[] {
  const more = lines.length - MOST_LINES;
  return more > 0 ? [...lines.slice(0, MOST_LINES), `           and ${formatCount(more)} more`] : lines;
}

/** Names of files and words of a build's log, without what a terminal or a runner would obey. */
function shown(text: string): string {
  return cleanText(text.replaceAll('\r', ''));
}

function isWarmFailed({ builds }: AuditReport): boolean {
  return builds.some(({ name, exitCode }) => name === 'warm' && exitCode !== 0);
}

function counted(number: number, word: string): string {
  return `${formatCount(number)} ${word}${number === 1 ? '' : 's'}`;
}

function short(hex: string): string {
  return `${hex.slice(0, 12)}…`;
}
