import type { CommandFacts } from '../facts/command.ts';
import type { Range } from '../../dockerfile/tree.ts';

/** What switches the check off for all modules; a list of one's own hosts is no matter. */
export function isOff(name: string, value: string): boolean {
  switch (name) {
    case 'GOSUMDB':
      return value === 'off';
    case 'GONOSUMDB':
    case 'GOINSECURE':
      return value.split(',').some((pattern) => /^\*+(?:\.\*+)?$/.test(pattern.trim()));
    case 'GOFLAGS':
      return /(?:^|\s)-insecure\b/.test(value);
    default:
      return false;
  }
}

/** Modules of one's own aren't in the database: GOPRIVATE says which. */
export function hasReason(name: string, env: ReadonlyMap<string, string>, written: readonly string[]): boolean {
  const isPrivate = [env.get('GOPRIVATE'), ...written].some(
    (value) => value !== undefined && value !== '' && value !== '*',
  );
  return isPrivate && name !== 'GOFLAGS';
}

/** `NAME=value` as a word of `go env -w`. */
export function assignmentOf(
  word: CommandFacts['words'][number],
): readonly { name: string; value: string; range: Range; isExact: boolean }[] {
  const match = /^(?<name>GO\w+)=(?<value>.*)$/.exec(word.value ?? '');
  return match?.groups === undefined
    ? []
    : [{ name: match.groups['name'] ?? '', value: match.groups['value'] ?? '', range: word.range, isExact: false }];
}
