import { createInterface } from 'node:readline';
import { SlipwayError } from '../../core/errors.ts';
import type { Question } from '../../generate/types.ts';
import type { CliIo } from '../io.ts';
import { cleanText } from '../../core/clean-text.ts';

/** May a person be asked? Both ends must be a terminal, and CI runners that fake one say so. */
export function canAsk(io: CliIo): boolean {
  const isTerminal = (io.stdin as { readonly isTTY?: boolean }).isTTY === true && io.stderr.isTTY === true;
  return isTerminal && (io.env['CI'] ?? '') === '' && io.env['TERM'] !== 'dumb';
}

export interface Prompt extends Disposable {
  /**
   * Asks on standard error and reads a line: a number of the list, one of its words, or free text. Asks again when the answer is none
   * of them. '' only for questions that may be left open. Throws USAGE when the input ends.
   */
  ask(question: Question): Promise<string>;
}

/** One prompt for all questions, so that lines typed ahead aren't lost. */
export function openPrompt(io: CliIo): Prompt {
  // Not as a terminal: the kernel edits the line and turns ^C into the signal that everything else obeys.
  const reader = createInterface({ input: io.stdin, terminal: false });
  const lines = reader[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(io.signal.reason as Error);
    if (io.signal.aborted) stop();
    io.signal.addEventListener('abort', stop, { once: true });
  });
  aborted.catch(() => {});
  const ask = async (question: Question): Promise<string> => {
    io.stderr.write(formatQuestion(question));
    for (;;) {
      io.stderr.write('> ');
      const { value, done } = await Promise.race([lines.next(), aborted]);
      if (done === true) throw inputEnded(question);
      const answer = readAnswer(question, value.trim());
      if (answer !== undefined) return answer;
      io.stderr.write(`Answer with a number from 1 to ${question.options.length}.\n`);
    }
  };
  return { ask, [Symbol.dispose]: () => reader.close() };
}

function formatQuestion({ text, options, isRequired }: Question): string {
  const width = String(options.length).length;
  const list = options
    .map((option, index) => `  ${String(index + 1).padStart(width)}  ${cleanText(option)}\n`)
    .join('');
  return `${cleanText(text)}${isRequired ? '' : ' (empty: none)'}\n${list}`;
}

function readAnswer({ options, isRequired }: Question, line: string): string | undefined {
  if (line === '') return isRequired ? undefined : '';
  if (options.length === 0) return line;
  return options.find((option) => option === line) ?? (/^[1-9]\d*$/.test(line) ? options[Number(line) - 1] : undefined);
}

function inputEnded({ flag }: Question): SlipwayError {
  return new SlipwayError('USAGE', 'the input ended before the answer', {
    hint: `Write \`${flag}\` on the command line.`,
  });
}
