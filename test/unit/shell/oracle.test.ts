import { forEachChild, type SyntaxNode } from 'unbash';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseScript } from '../../../src/shell/parse-script.ts';
import { buildOracle } from '../../helpers/go-oracle.ts';
import { mutate, seededRandom } from '../dockerfile/mutate.ts';
import { askShellParser, type OracleAnswer } from './oracle.ts';
import { allScripts } from './scripts.ts';

const SCRIPTS = [...new Set(allScripts())];
const MUTATIONS = 5000;

/** Two parsers, one in JavaScript and one in Go, that were written by different people. */
describe('the shell parser and mvdan.cc/sh', () => {
  beforeAll(async () => {
    await buildOracle('shell');
  }, 300_000);

  it('see the same commands, words and redirections in every script', async () => {
    expect(SCRIPTS.length).toBeGreaterThan(300);
    const answers = await askShellParser(SCRIPTS);
    const wrong = SCRIPTS.filter((script, index) => !agree(script, answers[index]));
    expect(wrong).toEqual([]);
  });

  it(`see the same in ${MUTATIONS} mutations, where both take them for a script`, async () => {
    const random = seededRandom(20_261);
    const scripts = Array.from({ length: MUTATIONS }, (_, index) =>
      mutate(SCRIPTS[index % SCRIPTS.length] ?? '', SCRIPTS, random),
    ).filter(isComparable);
    const answers = await askShellParser(scripts);
    const refused = { byOurs: 0, byTheirs: 0, byBoth: 0 };
    const wrong: string[] = [];
    for (const [index, script] of scripts.entries()) {
      const answer = answers[index];
      const ours = ourView(script);
      if (ours === undefined && answer?.error !== undefined) refused.byBoth++;
      else if (ours === undefined) refused.byOurs++;
      else if (answer?.error === undefined) {
        if (!agree(script, answer)) wrong.push(script);
      } else if (!isStricter(answer.error)) refused.byTheirs++;
    }
    // What is left are borders in broken text: words glued to `<(…)`, escapes on the last line of a here-document.
    expect(wrong.length, wrong.slice(0, 5).join('\n----\n')).toBeLessThan(scripts.length / 500);
    expect(refused.byBoth).toBeGreaterThan(scripts.length / 10);
    // Each takes some nonsense that the other refuses.
    expect(refused.byOurs + refused.byTheirs).toBeLessThan(scripts.length / 50);
  });
});

/**
 * mvdan.cc/sh drops carriage returns, which shells take for letters, and it reads `coproc NAME` and `A+= b` in another way. Where a process
 * substitution stands in the middle of a word, and around a backslash that is all of a line, the two draw the borders differently.
 */
function isComparable(script: string): boolean {
  return !/[\r\0]|coproc|\+=\s|[^\s<>(;&|][<>]\(|\)\\\n|(?:^|\n)\\\n|\\$/.test(script);
}

/** A continuation at the end of a word may count as part of it. */
function trimmed(text: string): string {
  return text.replace(/(?:\\\n)+$/, '');
}

/** Where a body starts is only told apart by what is in it. */
function bodyStart(operator: string, body: string, start: number): string {
  return operator === '<<-' || body === '' || body.startsWith('\\\n') ? '' : String(start);
}

/** What mvdan.cc/sh refuses before a shell would: shells only find it when they run the line, or never. */
function isStricter(error: string): boolean {
  return /unclosed here-document|arithm|must be followed by (?:`=`|an expression|a word)|ternary|must follow a name|expansion|without matching `\(|not a valid|heredoc/.test(
    error,
  );
}

function agree(script: string, answer: OracleAnswer | undefined): boolean {
  const ours = ourView(script);
  // Backslashes inside of backticks: the places of what stands inside are our own affair.
  if (ours === 'escaped backticks') return answer?.error === undefined;
  return JSON.stringify(ours) === JSON.stringify(theirView(script, answer));
}

type View = readonly { readonly parts: readonly string[]; readonly redirects: readonly (readonly string[])[] }[];

function ourView(script: string): View | 'escaped backticks' | undefined {
  const result = parseScript(script);
  if ('reason' in result) return undefined;
  const found: { readonly at: number; readonly view: View[number] }[] = [];
  let hasErrors = false;
  let isEscaped = false;
  const text = (node: { readonly pos: number; readonly end: number }): string =>
    trimmed(script.slice(node.pos, node.end));
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Script') {
      hasErrors ||= 'errors' in node && (node.errors?.length ?? 0) > 0;
      if (node.source !== undefined) {
        isEscaped = true;
        return;
      }
    }
    if (node.type === 'Command') {
      const name = node.name === undefined ? [] : [node.name];
      const assignments = node.prefix.filter((each) => each.type === 'Assignment');
      const redirects = node.redirects.map((redirect) =>
        redirect.type === 'HereDoc'
          ? [
              redirect.operator,
              redirect.delimiter?.text ?? '',
              bodyStart(redirect.operator, redirect.body.text, redirect.body.pos),
            ]
          : [redirect.operator, redirect.target === undefined ? '' : text(redirect.target), ''],
      );
      const parts = [...assignments, ...name, ...node.args].map(text);
      found.push({ at: node.pos, view: { parts, redirects } });
    }
    forEachChild(node, visit);
  };
  visit(result.script);
  if (hasErrors) return undefined;
  if (isEscaped) return 'escaped backticks';
  return found.toSorted((a, b) => a.at - b.at).map(({ view }) => view);
}

function theirView(script: string, answer: OracleAnswer | undefined): View | undefined {
  if (answer === undefined || answer.error !== undefined) return undefined;
  const bytes = Buffer.from(script);
  const text = ([start, end]: readonly [number, number]): string => trimmed(bytes.subarray(start, end).toString());
  const commands = (answer.commands ?? []).map(({ assignments, words, redirects }) => {
    const starts = [...assignments, ...words, ...redirects.map(({ target }) => target)].map(([start]) => start);
    const view = {
      parts: [...assignments, ...words].map(text),
      redirects: redirects.map(({ operator, target, body }) => [
        operator,
        text(target),
        body === undefined ? '' : bodyStart(operator, text(body), bytes.subarray(0, body[0]).toString().length),
      ]),
    };
    return { at: Math.min(...starts), view };
  });
  return commands.toSorted((a, b) => a.at - b.at).map(({ view }) => view);
}
