import { chompHeredoc, readHeredocStart } from './heredoc.ts';
import type { Step } from './stage-graph.ts';
import { WordError } from './word-error.ts';

/**
 * The shell script a RUN hands to its shell, or undefined when it isn't run by a shell we can read.
 * Source: dispatchRun, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert.go#L1354
 */
export function readRunScript(step: Step): string | undefined {
  const { instruction, heredocs } = step;
  if (instruction.json) return quoteWords(instruction.args);
  const text = instruction.args.join(' ');
  const [first] = heredocs;
  if (first === undefined) return text;
  if (!isSingleHeredoc(text)) {
    return [text, ...heredocs.map((heredoc) => `${heredoc.content}${heredoc.name}`)].join('\n');
  }
  const script = first.chomp ? chompHeredoc(first.content) : first.content;
  if (!script.startsWith('#!')) return script;
  return /^#!\s*(?:\S*\/)?(?:env\s+(?:-S\s+)?)?(?:\S*\/)?(?:ba|da|a|k|z)?sh\b/.test(script) ? script : undefined;
}

function isSingleHeredoc(text: string): boolean {
  try {
    return readHeredocStart(text) !== undefined;
  } catch (error) {
    if (error instanceof WordError) return false;
    throw error;
  }
}

/** An exec-form command as shell words that mean the same. */
function quoteWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
