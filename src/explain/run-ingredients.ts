import { cleanPath, joinPath } from '../dockerfile/go-text.ts';
import type { StageStep } from '../dockerfile/evaluate-build.ts';
import { parseRunMount, type RunMount } from '../dockerfile/run-mount.ts';
import { expandIn } from '../dockerfile/stage-state.ts';
import type { Stage } from '../dockerfile/stage-graph.ts';
import { ingredient } from './key.ts';
import { cleanSource, selectFiles } from './select-files.ts';
import { contentIngredients, type StageContent } from './stage-content.ts';
import type { ContextFiles, Ingredient } from './types.ts';

/** What a step may read from: the context, and the stages and images that it names. */
export interface Sources {
  readonly files: ContextFiles;
  readonly contentOf: (stage: Stage) => StageContent;
  /** `BUILDKIT_CACHE_MOUNT_NS` */
  readonly namespace: string;
  readonly escape: '\\' | '`';
}

/**
 * What decides whether a RUN is taken from the cache: its words, every variable in force (used or not), directory, user and
 * mounts. A bind mount counts by the content of what it mounts, a cache mount only by its place, a secret by its name.
 * Source: CacheMap, github.com/moby/buildkit/blob/v0.33.1/solver/llbsolver/ops/exec.go and dispatchRun in
 * frontend/dockerfile/dockerfile2llb/convert.go
 */
export function runIngredients({ stage, step, before }: StageStep, sources: Sources): readonly Ingredient[] {
  const { instruction, heredocs, flags } = step;
  const words = instruction.json ? instruction.args : [instruction.rest.value];
  const bodies = heredocs.map(({ name, content, chomp }) => [name, content, chomp]);
  const shell = instruction.json ? undefined : before.shell;
  const options = ['network', 'security', 'device'].flatMap((name) =>
    (flags.get(name) ?? []).map((value) => ingredient('instruction', `--${name}`, value)),
  );
  const place = { stage, step, before, run: undefined };
  return [
    ingredient('instruction', 'command', JSON.stringify([instruction.json, words, bodies])),
    ...(shell === undefined ? [] : [ingredient('instruction', 'SHELL', JSON.stringify(shell))]),
    ingredient('instruction', 'WORKDIR', before.workdir),
    ...(before.user === undefined ? [] : [ingredient('instruction', 'USER', before.user)]),
    ...[...before.env].map(([name, value]) =>
      ingredient(before.imageEnv.get(name) === value ? 'variable' : 'argument', name, value),
    ),
    ...options,
    ...(flags.get('mount') ?? []).flatMap((text, index) => mountIngredients(text, index, place, sources)),
  ];
}

function mountIngredients(text: string, index: number, place: StageStep, sources: Sources): readonly Ingredient[] {
  const { step, before } = place;
  const mount = parseRunMount(
    text,
    (word) => expandIn(before, word, { line: step.line, escape: sources.escape }) ?? '',
  );
  const target = cleanPath(mount.target.startsWith('/') ? mount.target : joinPath('/', before.workdir, mount.target));
  const place_ = ingredient('instruction', `--mount ${target}`, JSON.stringify(mountParts(mount, target, sources)));
  if (mount.type !== 'bind' && (mount.type !== 'cache' || mount.from === '')) return [place_];
  const source = cleanSource(mount.source);
  const stage = step.sources[index];
  if (mount.from === '' || stage === undefined) {
    return [
      place_,
      ...[...selectFiles(sources.files, { source })].map(([path, value]) => ingredient('file', path, value)),
    ];
  }
  return [place_, ...contentIngredients(sources.contentOf(stage), source, mount.from)];
}

/** A cache's id and sharing don't count, unless they are the default: checkShouldClearCacheOpts in exec.go. */
function mountParts(mount: RunMount, target: string, { namespace }: Sources): readonly unknown[] {
  const { type, readOnly } = mount;
  if (type !== 'cache') return [type, readOnly, mount.id, type === 'secret' || type === 'ssh' ? mount.mode : undefined];
  const id = mount.id === '' ? cleanPath(mount.target) : mount.id;
  const isDefault = id === target && (mount.sharing === '' || mount.sharing === 'shared');
  const owner = mount.source === '' ? [mount.uid, mount.gid, mount.mode] : [];
  return [type, readOnly, isDefault ? namespace : '', ...owner];
}
