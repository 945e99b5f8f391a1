/** What a GOCACHE `-a` file says: which output its action has. */
export interface ActionRecord {
  /** Path of the `-a` entry. */
  readonly path: string;
  readonly outputHex: string;
  readonly sizeBytes: number;
}

/** `"v1 <hex id> <hex out> <decimal size space-padded to 20 bytes> <unix nanoseconds space-padded to 20 bytes>\n"`. */
export const ACTION_BYTES = 175;

const ACTION = /^v1 ([0-9a-f]{64}) ([0-9a-f]{64}) (?= *[0-9]+ )([ 0-9]{20}) (?= *[0-9]+\n)[ 0-9]{20}\n$/;

/**
 * Reads a `-a` file as Go does, or says what is wrong with it. A wrong one is a miss to Go, so it is only dead weight.
 * https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/cache/cache.go#L138-L262
 */
export function parseActionRecord(path: string, bytes: Uint8Array): ActionRecord | string {
  if (bytes.length !== ACTION_BYTES) return `an action record has ${ACTION_BYTES} bytes, this one ${bytes.length}`;
  const match = ACTION.exec(Buffer.from(bytes).toString('latin1'));
  if (match === null) return 'not an action record of version 1';
  const [, idHex = '', outputHex = '', size = ''] = match;
  if (actionPath(idHex) !== path) return 'the action record belongs to another id';
  const sizeBytes = Number(size);
  if (!Number.isSafeInteger(sizeBytes)) return 'the size in the action record is out of range';
  return { path, outputHex, sizeBytes };
}

/** The twin of `parseActionRecord`: the text of a new `-a` file, written at this time. */
export function formatActionRecord({ actionHex, outputHex, sizeBytes }: WrittenAction, nowMs: number): Buffer {
  const time = `${BigInt(Math.floor(nowMs)) * 1_000_000n}`;
  return Buffer.from(`v1 ${actionHex} ${outputHex} ${String(sizeBytes).padStart(20)} ${time.padStart(20)}\n`);
}

export interface WrittenAction {
  readonly actionHex: string;
  readonly outputHex: string;
  readonly sizeBytes: number;
}

export function actionPath(idHex: string): string {
  return `${idHex.slice(0, 2)}/${idHex}-a`;
}

export function outputPath(outputHex: string): string {
  return `${outputHex.slice(0, 2)}/${outputHex}-d`;
}

/**
 * The actions whose output is not there or has another size: useless to Go, which looks at both.
 * `outputs` maps the paths of the `-d` entries at hand to their sizes.
 */
export function findDanglingActions(
  actions: readonly ActionRecord[],
  outputs: ReadonlyMap<string, number>,
): readonly ActionRecord[] {
  return actions.filter((action) => outputs.get(outputPath(action.outputHex)) !== action.sizeBytes);
}
