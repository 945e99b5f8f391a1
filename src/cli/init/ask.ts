import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { SlipwayError } from '../../core/errors.ts';
import type { Question } from '../../generate/types.ts';
import type { CliIo } from '../io.ts';

/** May a person be asked? Both ends must be a terminal, and CI runners that fake one say so. */
export function canAsk(io: CliIo): boolean {
  const isTerminal = (io.stdin as { readonly isTTY?: boolean }).isTTY === true && io.stderr.isTTY === true;
  return isTerminal && (io.env['CI'] ?? '') === '' && io.env['TERM'] !== 'dumb';
}

/**
 * Asks on standard error and reads one line: a number of the list, one of its words, or free text. Asks again when the answer is none
 * of them. '' only for questions that may be left open. Throws USAGE when the input ends.
 */
export async function ask(io: CliIo, question: Question): Promise<string> {
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      io.stderr.write(chunk.toString());
      done();
    },
  });
  // Not as a terminal: the kernel edits the line and turns ^C into the signal that everything else obeys.
  const reader = createInterface({ input: io.stdin, output, terminal: false });
  const ended = once(reader, 'close');
  try {
    io.stderr.write(formatQuestion(question));
    for (;;) {
      const line = await Promise.race([reader.question('> ', { signal: io.signal }), ended.then(() => undefined)]);
      if (line === undefined) throw inputEnded(question);
      const answer = readAnswer(question, line.trim());
      if (answer !== undefined) return answer;
      io.stderr.write(`Answer with a number from 1 to ${question.options.length}.\n`);
    }
  } finally {
    reader.close();
  }
}

function formatQuestion({ text, options, isRequired }: Question): string {
  const width = String(options.length).length;
  const list = options.map((option, index) => `  ${String(index + 1).padStart(width)}  ${option}\n`).join('');
  return `${text}${isRequired ? '' : ' (empty: none)'}\n${list}`;
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
