import { createHash } from 'node:crypto';
import path from 'node:path';
import { errorMessage } from '../core/errors.ts';
import { readOptional } from '../core/read-optional.ts';
import { writeWhole } from '../core/write-whole.ts';
import type { StoreContext } from './types.ts';

/** What is remembered of a scope: the highest sequence of a signed snapshot that was ever seen here. */
interface SeenSequence {
  readonly store: string;
  readonly repository: string;
  readonly scope: string;
  readonly sequence: number;
}

/**
 * Somebody who may write to a store can put an older state back, signatures and all. What that gives is old, not wrong, so
 * it is told and used. Remembers what it sees; a machine without a past has nothing to compare with.
 */
export async function checkSequence(
  context: StoreContext,
  scope: string,
  newest: number | undefined,
): Promise<string | undefined> {
  if (newest === undefined) return undefined;
  const file = fileOf(context, scope);
  const seen = parseSeen(await readOptional(file));
  if (seen === undefined || newest >= seen) {
    if (seen !== newest) await rememberSequence(context, scope, newest);
    return undefined;
  }
  return (
    `scope \`${scope}\` of ${context.store.description} went back: its newest signed snapshot has the number ${newest}, ` +
    `and ${seen} was seen from here before (delete \`${file}\` if that is right)`
  );
}

/** Notes a sequence that this machine read or wrote. That it couldn't is no fault of the cache. */
export async function rememberSequence(context: StoreContext, scope: string, sequence: number): Promise<void> {
  const seen: SeenSequence = { ...keyOf(context, scope), sequence };
  try {
    await writeWhole(fileOf(context, scope), `${JSON.stringify(seen)}\n`);
  } catch (error) {
    context.logger.debug(`the sequence of ${scope} could not be noted: ${errorMessage(error)}`);
  }
}

function keyOf(context: StoreContext, scope: string): Omit<SeenSequence, 'sequence'> {
  return { store: context.store.description, repository: context.options.trust?.policy.repository ?? '', scope };
}

function fileOf(context: StoreContext, scope: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(keyOf(context, scope)))
    .digest('hex');
  return path.join(context.workDirectory, 'seen', `${hash.slice(0, 32)}.json`);
}

/** A file that was cut or edited is as good as none. */
function parseSeen(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    const { sequence } = JSON.parse(text) as Partial<SeenSequence>;
    return Number.isSafeInteger(sequence) ? sequence : undefined;
  } catch {
    return undefined;
  }
}
