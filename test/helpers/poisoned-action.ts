import { createHash } from 'node:crypto';
import { EVIL, HONEST } from './faulty-app.ts';
import type { Contents } from './faulty-store.ts';

/** The entries of the small app that hold its honest words: the compiled package, and the action that names it. */
export interface WordEntries {
  /** Path of the `-d`. */
  readonly output: string;
  /** Path of the `-a`. */
  readonly action: string;
}

/** The package with the honest words. */
export const WORD_PACKAGE = 'example.com/buoy/internal/word';

/** Finds the entries of the honest words; throws unless there is one of each. */
export function findWord({ gocache }: Contents): WordEntries {
  const outputs = [...gocache].filter(([name, body]) => name.endsWith('-d') && body.includes(HONEST));
  const output = outputs[0]?.[0] ?? '';
  const actions = [...gocache].filter(([name, body]) => name.endsWith('-a') && body.includes(output.slice(3, 67)));
  if (outputs.length !== 1 || actions.length !== 1) throw new Error('the honest words are not in one package alone');
  return { output, action: actions[0]?.[0] ?? '' };
}

/** The honest archive with other words in it: Go has no objection to it but its hash. */
export function evilOutput({ gocache }: Contents, output: string): Buffer {
  const text = gocache.get(output)?.toString('latin1') ?? '';
  return Buffer.from(text.replaceAll(HONEST, EVIL), 'latin1');
}

/** What no hash can tell (row G4): an output that hashes well, and the action that points at it instead of the honest one. */
export function poisonedWord(contents: Contents): ReadonlyMap<string, Buffer> {
  const { output, action } = findWord(contents);
  const evil = evilOutput(contents, output);
  const hex = createHash('sha256').update(evil).digest('hex');
  const honest = contents.gocache.get(action)?.toString('latin1') ?? '';
  return new Map([
    [`${hex.slice(0, 2)}/${hex}-d`, evil],
    [action, Buffer.from(honest.replace(output.slice(3, 67), hex), 'latin1')],
  ]);
}
