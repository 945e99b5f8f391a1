import { readFile } from 'node:fs/promises';
import { SEVERITIES, type Rule } from '../../lint/types.ts';

/** A table of all rules, the heaviest first. */
export function listRules(rules: readonly Rule[]): string {
  const rows = rules.toSorted(
    (a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || a.number - b.number,
  );
  const width = Math.max(...rows.map(({ id }) => id.length));
  return rows
    .map(
      ({ id, severity, fix, group, summary }) =>
        `${id.padEnd(width)}  ${severity.padEnd(6)}  ${FIXES[fix]}  ${group.padEnd(8)}  ${summary}\n`,
    )
    .join('');
}

const FIXES: Readonly<Record<Rule['fix'], string>> = { safe: 'safe fix  ', unsafe: 'unsafe fix', none: 'advice    ' };

/** The page of a rule; where the pages aren't shipped, what the rule says of itself. */
export async function explainRule(rule: Rule): Promise<string> {
  for (const url of ['../../../docs/rules/', '../../docs/rules/']) {
    const page = await readPage(new URL(`${url}${rule.id}.md`, import.meta.url));
    if (page !== undefined) return page;
  }
  return `${rule.id} (${rule.group}, ${rule.severity}): ${rule.summary}\n`;
}

async function readPage(url: URL): Promise<string | undefined> {
  try {
    return await readFile(url, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
