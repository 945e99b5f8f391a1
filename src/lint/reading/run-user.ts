import type { RunStep } from '../facts/step.ts';

/** Who runs the commands of a RUN, as USER says. */
export interface RunUser {
  /** As written before a colon. */
  readonly name: string;
  readonly isRoot: boolean;
  /** Only where USER gives it as a number. */
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** undefined when no USER is in force, so that the image says it, or when its value can't be known. */
export function userOf({ before }: Pick<RunStep, 'before'>): RunUser | undefined {
  const { user } = before;
  if (user === undefined || user === '' || user.includes('$')) return undefined;
  const [name = '', group] = user.split(':');
  return { name, isRoot: name === 'root' || /^0+$/.test(name), uid: toId(name), gid: toId(group) };
}

function toId(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
