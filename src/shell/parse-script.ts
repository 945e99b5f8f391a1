import { parse, type ParsedScript } from 'unbash';

/** `reason`: why it isn't read, in a few words. */
export type ParseResult = { readonly script: ParsedScript } | { readonly reason: string };

/**
 * Parses a shell script, with a bound on what it may cost: scripts are written by anybody, and a parser of a language with this much
 * nesting has inputs that take it long. Mistakes in the script are in `script.errors`.
 */
export function parseScript(text: string): ParseResult {
  if (text.length > MAX_SCRIPT_CHARS) return { reason: 'the script is larger than 256 KiB' };
  if (nestingOf(text) > MAX_NESTING) return { reason: 'the script is nested too deeply' };
  if (text.split('<<').length > MAX_HEREDOCS) return { reason: 'the script opens too many here-documents' };
  try {
    return { script: parse(text) };
  } catch (error) {
    // Chains such as `f() f() f() …` have no bracket to count.
    if (error instanceof RangeError) return { reason: 'the script is nested too deeply' };
    throw error;
  }
}

const MAX_SCRIPT_CHARS = 1 << 18;

/** The parser's time grows with the square of those that are open at once. */
const MAX_HEREDOCS = 1000;

/** Far beyond what people write, and low enough that a script of the largest size is still read at once. */
const MAX_NESTING = 100;

/** An upper bound, roughly: brackets in quotes and comments count too. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x28 || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x29 || code === 0x7d) depth = Math.max(depth - 1, 0);
  }
  return deepest;
}
