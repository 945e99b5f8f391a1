import { shellWord } from '../shell-word.ts';
import type { Check, Habit, Said } from '../types.ts';

export const noCacheCheck: Check = {
  id: 'no-cache',
  looksAt: 'Makefiles, scripts, workflows, bake and Compose files: builds with `--no-cache`, and prunes',
  run: async ({ habits }) => {
    const found = await habits();
    return found === undefined
      ? [{ level: 'info', says: 'not looked at: there is no repository here' }]
      : judgeHabits(found);
  },
};

const MOST = 10;

/** The pure part of the check. */
export function judgeHabits(habits: readonly Habit[]): readonly Said[] {
  if (habits.length === 0) return [{ level: 'ok', says: 'nothing in the repository throws the cache away' }];
  const said = habits.slice(0, MOST).map(judgeHabit);
  const more = habits.length - said.length;
  return more === 0 ? said : [...said, { level: 'warning', says: `and ${more} more like these` }];
}

function judgeHabit({ kind, file, line, text, label }: Habit): Said {
  const where = `${file}:${line}`;
  const says =
    kind === 'no-cache'
      ? `${where}: ${label} builds without cache: every step runs again, and its cache mounts start empty`
      : `${where}: ${label} prunes the builder, and with it the cache mounts of Go`;
  const edit = kind === 'no-cache' ? withoutFlag(text) : withLimit(text);
  if (edit === undefined) return { level: 'warning', says };
  return { level: 'warning', says, mend: `sed -i ${shellWord(`${line}${edit}`)} ${shellWord(file)}` };
}

/** A sed command, where the flag stands in the line as it is written on a command line. */
function withoutFlag(text: string): string | undefined {
  if (/ --no-cache=true(?=\s|$)/.test(text)) return 's/ --no-cache=true//';
  return / --no-cache(?=\s|$)/.test(text) ? 's/ --no-cache//' : undefined;
}

/** What was used in the last two weeks stays. */
function withLimit(text: string): string | undefined {
  return text.split(' prune').length === 2 ? 's/ prune/ prune --filter until=336h/' : undefined;
}
