import { EMPTY_BUILD } from '../buildkit/empty-build.ts';
import { isSlipwayError } from '../core/errors.ts';
import { joinBuilds } from '../warm/join-builds.ts';
import { planBuild } from '../warm/plan-build.ts';
import type { PlannedBuild } from '../warm/types.ts';
import type { ImageInput } from './inputs.ts';
import { nameOf } from './plan-words.ts';
import type { Environment } from './runner.ts';

/** Images that one command serves, since the first of them has all mounts that the others have. */
export interface JoinedImages {
  /** The first, with the contexts of the others: a module that one of their go.sum lists may be in a mount they share. */
  readonly image: ImageInput;
  readonly name: string;
}

/** Each mount is restored and saved once, however many of the images use it. */
export async function joinImages(images: readonly ImageInput[], env: Environment): Promise<readonly JoinedImages[]> {
  const groups: { readonly image: ImageInput; readonly names: string[]; readonly builds: PlannedBuild[] }[] = [];
  for (const image of images) {
    const build = await readBuild(image, env);
    const group = build && groups.find(({ builds }) => addsNothing(builds, build));
    if (group === undefined) groups.push({ image, names: [nameOf(image)], builds: build === undefined ? [] : [build] });
    else {
      group.names.push(nameOf(image));
      group.builds.push(build as PlannedBuild);
    }
  }
  return groups.map(({ image, names, builds }) => ({
    image: builds.length < 2 ? image : { ...image, buildContexts: contextsOf(builds) },
    name: names.join('; '),
  }));
}

/** Undefined where there is nothing to join: it has no mounts, or can't be read, which its own command says best. */
async function readBuild(image: ImageInput, env: Environment): Promise<PlannedBuild | undefined> {
  const { name: _, ...build } = image;
  try {
    const planned = await planBuild({ ...EMPTY_BUILD, ...build }, env);
    return joinBuilds([planned]).length === 0 ? undefined : planned;
  } catch (error) {
    if (isSlipwayError(error)) return undefined;
    throw error;
  }
}

function addsNothing(builds: readonly PlannedBuild[], more: PlannedBuild): boolean {
  return builds.length > 0 && countMounts([...builds, more]) === countMounts(builds);
}

function countMounts(builds: readonly PlannedBuild[]): number {
  return joinBuilds(builds).reduce((sum, { facts }) => sum + facts.mounts.length, 0);
}

function contextsOf(builds: readonly PlannedBuild[]): readonly string[] {
  return [...new Set(joinBuilds(builds).flatMap(({ userBuild }) => userBuild.buildContexts))];
}
