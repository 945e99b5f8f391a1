import type { ReportFinding, ReportFix } from '../data.ts';
import { html, type Markup } from '../html.ts';
import { findingsSentence } from '../words.ts';
import { section, withCode, type Section } from './section.ts';

const MOST_LINES = 24;

/** What lint finds, the best to mend first. */
export function findingsSection(findings: readonly ReportFinding[]): Section {
  const items = findings.map((finding) => html`<li>${body(finding)}</li>`);
  return section('findings', 'What to mend', {
    finding: findingsSentence(findings),
    content: items.length === 0 ? '' : html`<ol class="findings">${items}</ol>`,
  });
}

/** The first of them, where everybody looks. */
export function nextFix(findings: readonly ReportFinding[]): Markup | undefined {
  const [best] = findings;
  if (best === undefined) return undefined;
  return html`<section class="next" aria-labelledby="next"><h2 id="next">Next best fix${best.fix === undefined ? '' : html`: ${withCode(best.fix.title)}`}</h2>${body(best)}${fixLines(best.fix)}</section>`;
}

function body({ severity, confidence, ruleId, file, line, message, cost, fix }: ReportFinding): Markup {
  const doubt = confidence === 'low' ? ' Not certain: a fact it needs was guessed.' : '';
  return html`<p><span class="severity ${severity}">${severity}</span><code>${file}:${line}</code></p><p>${withCode(message)}</p><p class="quiet">What it costs: ${cost}.${doubt} ${howTo(ruleId, fix)}</p>`;
}

function howTo(ruleId: string, fix: ReportFix | undefined): Markup {
  if (fix?.isSafe === true) return html`<code>slipway lint --fix</code> mends it (${ruleId}).`;
  const flag = fix === undefined ? '' : html`<code>slipway lint --diff --unsafe-fixes</code> shows a fix to look at. `;
  return html`${flag}More: <code>slipway lint --explain ${ruleId}</code>`;
}

function fixLines(fix: ReportFix | undefined): Markup | undefined {
  if (fix === undefined || fix.edits.length === 0) return undefined;
  const lines = fix.edits.flatMap(({ removed, inserted }) => [
    ...removed.map((text) => html`<span class="out">- ${text}</span>\n`),
    ...inserted.map((text) => html`<span class="in">+ ${text}</span>\n`),
  ]);
  const more = lines.length > MOST_LINES ? html`… and ${lines.length - MOST_LINES} more lines\n` : '';
  return html`<pre>${lines.slice(0, MOST_LINES)}${more}</pre>`;
}
