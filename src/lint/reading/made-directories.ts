import { cleanPath, joinPath } from '../../dockerfile/go-text.ts';
import { repositoryPath } from '../facts/source-place.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { RunStep } from '../facts/step.ts';
import { stepsBefore } from './stage-steps.ts';

/** May a path of the container be a directory when a command runs: of the image, made by a step, or of the repository? */
export function mayBeDirectory(build: ImageBuild, run: RunStep, { command, path }: PathAt): boolean {
  if (!path.startsWith('/') && command.cwd === undefined) return true;
  const absolute = cleanPath(joinPath('/', path.startsWith('/') ? path : `${command.cwd ?? ''}/${path}`));
  if (IMAGE_DIRECTORY.test(absolute)) return true;
  const place = repositoryPath(run.places, absolute);
  if (place !== undefined && build.repository.tree.hasDirectory(place)) return true;
  const isInside = (other: string | undefined): boolean =>
    other !== undefined && (other === absolute || other.startsWith(`${absolute}/`));
  if (run.mounts.some(({ target }) => isInside(target)) || isInside(run.before.workdir)) return true;
  const last = absolute.slice(absolute.lastIndexOf('/') + 1);
  const makes = (step: RunStep): boolean =>
    step.notFollowed.length > 0 || step.commands.some((each) => each !== command && makesDirectory(each, last));
  if (makes(run)) return true;
  return stepsBefore(run).some((step) => {
    if (step.kind === 'run') return makes(step);
    if (step.kind === 'copy' || step.kind === 'add') return isInside(step.destination);
    return (
      isInside(step.before.workdir) ||
      (step.node.name === 'workdir' && step.node.args.some((arg) => arg.includes(last)))
    );
  });
}

export interface PathAt {
  readonly command: CommandFacts;
  readonly path: string;
}

/** Programs that make directories or that nobody knows; Go's own write where they are told. */
function makesDirectory({ program, argv, go, isSetting, isOpaque }: CommandFacts, name: string): boolean {
  if (isSetting) return false;
  if (isOpaque) return true;
  if (go !== undefined)
    return go.flags.some(({ name: flag, value }) => flag === 'o' && `/${value ?? ''}`.includes(`/${name}/`));
  return !QUIET.has(program) && argv.slice(1).some((word) => word.includes(name));
}

const QUIET = new Set([
  'echo',
  'printf',
  'touch',
  'rm',
  'ls',
  'test',
  'chmod',
  'chown',
  'strip',
  'upx',
  'file',
  'true',
]);

const IMAGE_DIRECTORY =
  /^\/(?:bin|sbin|lib|lib64|etc|opt|srv|tmp|var|home|root|go|mnt|media|run|dev|usr|dev\/null|go\/(?:bin|src)|usr\/(?:bin|sbin|lib|share|local|src)|usr\/local\/(?:bin|sbin|lib|share|go|go\/bin|etc|src)|var\/(?:lib|tmp|run|log))?$/;
