/** A small seeded generator (mulberry32), so that every run of the tests sees the same mutations. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const TOKENS = [
  '\\',
  '`',
  '"',
  "'",
  '$',
  '${',
  '}',
  '#',
  '<<EOF',
  '<<-"X"',
  '\nEOF\n',
  '\r',
  '\n',
  '\r\n',
  '\0',
  '\ufeff',
  '\t',
  '\v',
  ' ',
  '  ',
  '\u00a0',
  '\u0085',
  '\u2028',
  'é',
  '😀',
  '--',
  '--from=0',
  '--mount=type=cache,target=/x',
  '--platform=linux/arm64',
  '=',
  '[',
  ']',
  ',',
  '|',
  '&&',
  ' \\\n',
  '\\\n# c\n',
  '\\\n\n',
  '# escape=`\n',
  '# syntax=x\n',
  '//',
  'ONBUILD ',
  'RUN ',
  'FROM scratch\n',
  'ARG A=1\n',
  'ENV B=$A C="x y"\n',
  'AS ',
  '${A:-b}',
  '${A#b}',
  '${A//b/c}',
  '["a", "b"]',
  '[1]',
  'HEALTHCHECK NONE',
  '\ud7ff',
  '*',
  '?',
  ':',
  '/',
  '-',
  '0',
];

/** One to four changes of a file by line, character or byte; the result is always valid Unicode. */
export function mutate(text: string, others: readonly string[], random: () => number): string {
  let mutated = text;
  const changes = 1 + Math.floor(random() * 4);
  for (let change = 0; change < changes; change++) mutated = changeOnce(mutated, others, random);
  // As a reader of bytes would see it: anything that isn't UTF-8 becomes U+FFFD.
  return Buffer.from(mutated, 'utf8').toString('utf8');
}

function changeOnce(text: string, others: readonly string[], random: () => number): string {
  const at = Math.floor(random() * (text.length + 1));
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const lines = text.split('\n');
  const line = Math.floor(random() * lines.length);
  switch (Math.floor(random() * 11)) {
    case 0:
      return lines.toSpliced(line, 1).join('\n');
    case 1:
      return lines.toSpliced(line, 0, lines[line] ?? '').join('\n');
    case 2:
      return lines
        .toSpliced(line, 1, ...(lines[line + 1] === undefined ? [] : [lines[line + 1] ?? '']), lines[line] ?? '')
        .join('\n');
    case 3:
      return text.slice(0, at) + text.slice(at + 1);
    case 4:
    case 5:
      return text.slice(0, at) + pick(TOKENS) + text.slice(at);
    case 6:
      return lines.toSpliced(line, 0, pick(pick(others).split('\n'))).join('\n');
    case 7:
      return text.slice(0, at);
    case 8: {
      const bytes = Buffer.from(text, 'utf8');
      if (bytes.length > 0) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      return bytes.toString('utf8');
    }
    case 9:
      return lines.with(line, (lines[line] ?? '').toUpperCase()).join('\n');
    default:
      return lines.with(line, `${lines[line] ?? ''}${pick([' \\', '\\', '\r', '  ', ' # x', ' `'])}`).join('\n');
  }
}
