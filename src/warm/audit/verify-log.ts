import type { ActionDifference } from './compare-actions.ts';

/** Reads the words of Go's own cache check out of the log of a build. */
export interface VerifyLog {
  /** Takes one line of one step's log. */
  read(step: string, line: string): void;
  /** Each action that Go found changed, once. */
  readonly failures: readonly ActionDifference[];
}

/**
 * Under `GODEBUG=gocacheverify=1` go takes nothing from its cache, and panics when it is about to write another output for
 * an action than the cache holds. The message has what the action ID was made of between `<<<` and `>>>`, for a compile with
 * a line `import "path"`; behind it `old:` is what was made now and `new:` what the cache holds, since go hands
 * them to its format the other way round. The runtime writes all lines but the first with a tab before them.
 * Source: putIndexEntry, https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/cache/cache.go#L469-L497
 */
export function createVerifyLog(): VerifyLog {
  const failures = new Map<string, Draft>();
  const open = new Map<string, Draft>();
  return {
    get failures() {
      return [...failures.values()];
    },
    read: (step, line) => {
      const action = /cache verify failed: id=([0-9a-f]{64}) changed:<<</.exec(line)?.[1];
      if (action !== undefined) {
        const draft = failures.get(action) ?? { action };
        failures.set(action, draft);
        open.set(step, draft);
        return;
      }
      const draft = open.get(step);
      if (draft === undefined) return;
      if (readDetail(draft, line)) open.delete(step);
    },
  };
}

type Draft = { -readonly [key in keyof ActionDifference]: ActionDifference[key] };

/** Was this the last line of the message? */
function readDetail(draft: Draft, line: string): boolean {
  const [, label, hex] = /^\t?(old|new): ([0-9a-f]{64}) \d+/.exec(line) ?? [];
  if (label === 'old' && hex !== undefined) draft.rebuilt = hex;
  if (label === 'new' && hex !== undefined) draft.cached = hex;
  const imported = /^\t?import "([^"]+)"$/.exec(line)?.[1];
  if (imported !== undefined && draft.rebuilt === undefined) draft.package ??= imported;
  return label === 'new';
}
