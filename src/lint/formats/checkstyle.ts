import type { LintReport, ReportedFinding } from '../report.ts';
import type { Severity } from '../types.ts';

const LEVELS: Readonly<Record<Severity, string>> = { high: 'error', medium: 'warning', low: 'info', info: 'info' };

/** Checkstyle's XML, which many CI systems read: checkstyle.org, XMLLogger */
export function formatCheckstyle({ findings }: LintReport): string {
  const files = [...Map.groupBy(findings, ({ file }) => file)].map(
    ([file, own]) => `  <file name="${escape(file)}">\n${own.map(toError).join('')}  </file>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<checkstyle version="4.3">\n${files.join('')}</checkstyle>\n`;
}

function toError({ start, severity, message, cost, ruleId }: ReportedFinding): string {
  const text = escape(`${message}. Cost: ${cost}.`);
  return `    <error line="${start.line}" column="${start.column}" severity="${LEVELS[severity]}" message="${text}" source="slipway.${ruleId}"/>\n`;
}

/** Characters that XML 1.0 has no place for become a question mark. */
function escape(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;')
    .toWellFormed();
}
