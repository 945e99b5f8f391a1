import type { ActionListing } from '../../buildkit/list-actions.ts';
import { actionPath, parseActionRecord, type ActionRecord } from '../../pack/action-record.ts';

/** What a mount says of an action of Go's, and when that was written or used last. */
export interface ActionEntry extends ActionRecord {
  readonly mtimeSeconds: number;
}

/** By mount and path: the mounts of all builds of an audit stand in the same order. */
export type ActionTable = ReadonlyMap<string, ActionEntry>;

/** An action whose output in the cache is another than the one that Go makes. */
export interface ActionDifference {
  /** 64 hex digits: what Go calls the action ID. */
  readonly action: string;
  /** Import path of the package that the action compiles, where Go named it. */
  readonly package?: string;
  /** SHA-256 of each output in hex; absent where the log was cut off. */
  readonly cached?: string;
  readonly rebuilt?: string;
}

/** The records that Go would read; it takes no notice of others. */
export function readActionTable({ mounts }: ActionListing): ActionTable {
  const table = new Map<string, ActionEntry>();
  for (const { index, records, times } of mounts) {
    for (const line of records) {
      const action = parseActionRecord(actionPath(line.slice(3, 67)), Buffer.from(`${line}\n`, 'latin1'));
      if (typeof action === 'string') continue;
      table.set(`${index} ${action.path}`, { ...action, mtimeSeconds: times.get(action.path) ?? 0 });
    }
  }
  return table;
}

/** The actions that both have, with another output in each. */
export function compareActions(cached: ActionTable, rebuilt: ActionTable): readonly ActionDifference[] {
  return [...cached].flatMap(([key, entry]) => {
    const other = rebuilt.get(key);
    if (other === undefined || other.outputHex === entry.outputHex) return [];
    return [{ action: actionOf(entry), cached: entry.outputHex, rebuilt: other.outputHex }];
  });
}

/** The IDs of the actions that both have, with the same output. */
export function agreeingActions(cached: ActionTable, rebuilt: ActionTable): readonly string[] {
  return [...cached].flatMap(([key, entry]) =>
    rebuilt.get(key)?.outputHex === entry.outputHex ? [actionOf(entry)] : [],
  );
}

function actionOf({ path }: ActionRecord): string {
  return path.slice(3, 67);
}
