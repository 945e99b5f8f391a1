import { cleanPath, joinPath } from '../../dockerfile/go-text.ts';
import { parseRunMount, type RunMount } from '../../dockerfile/run-mount.ts';
import { expandIn, type StageState } from '../../dockerfile/stage-state.ts';
import type { Word } from '../../dockerfile/tree.ts';
import { WordError } from '../../dockerfile/word-error.ts';
import type { MountFacts, MountField } from './mount.ts';
import type { StageFacts } from './stage.ts';

export interface MountReading {
  readonly text: string;
  readonly escape: '\\' | '`';
  readonly state: StageState;
  readonly line: number;
  readonly stageNamed: (name: string) => StageFacts | undefined;
}

const FLAG = '--mount=';

/** The mounts of a RUN; one that BuildKit can't read is left out. */
export function readMounts(flags: readonly Word[], reading: MountReading): readonly MountFacts[] {
  return flags.flatMap((flag) => {
    const mount = flag.value.startsWith(FLAG) ? readMount(flag, reading) : undefined;
    return mount === undefined ? [] : [mount];
  });
}

function readMount(flag: Word, reading: MountReading): MountFacts | undefined {
  let isCertain = true;
  const onUnknown = (): void => {
    isCertain = false;
  };
  const { state, line, escape } = reading;
  const expand = (word: string): string => expandIn(state, word, { line, escape, onUnknown }) ?? word;
  let values: RunMount;
  try {
    values = parseRunMount(flag.value.slice(FLAG.length), expand);
  } catch (error) {
    if (error instanceof WordError) return undefined;
    throw error;
  }
  const { type, target, from } = values;
  const absolute =
    target === '' ? undefined : cleanPath(joinPath('/', target.startsWith('/') ? '' : state.workdir, target));
  return {
    type,
    text: flag.value,
    range: flag.range,
    fields: readFields(flag, reading.text),
    values,
    target: absolute,
    fromStage: from === '' ? undefined : reading.stageNamed(from),
    identity: identityOf(values),
    isCertain,
  };
}

/** Source: dispatchRunMounts, github.com/moby/buildkit/blob/v0.33.1/frontend/dockerfile/dockerfile2llb/convert_runmount.go#L63 */
function identityOf({ id, target, from, source, uid, gid, mode }: RunMount): string {
  return JSON.stringify([id === '' ? cleanPath(target) : id, from, source, uid ?? null, gid ?? null, mode ?? null]);
}

/** The fields with their places; with quotes or a line break inside the flag, the place of all is that of the flag. */
function readFields(flag: Word, text: string): readonly MountField[] {
  const isPlain = text.startsWith(flag.value, flag.range.start) && !flag.value.includes('"');
  let at = flag.range.start + FLAG.length;
  return flag.value
    .slice(FLAG.length)
    .split(',')
    .map((field) => {
      const equals = field.indexOf('=');
      const start = at + equals + 1;
      const range = isPlain ? { start, end: at + field.length } : flag.range;
      at += field.length + 1;
      return {
        key: (equals < 0 ? field : field.slice(0, equals)).toLowerCase(),
        value: equals < 0 ? undefined : field.slice(equals + 1),
        range,
      };
    });
}
