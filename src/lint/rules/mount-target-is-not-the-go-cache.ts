import type { MountKind } from '../../core/mount-kind.ts';
import { unlessCertain } from '../confidence.ts';
import { isWithin } from '../../dockerfile/go-text.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { MountFacts } from '../facts/mount.ts';
import type { RunStep } from '../facts/step.ts';
import { meantCache } from '../reading/meant-cache.ts';
import { cachePathOf, changesUser, retargetFix } from '../reading/retarget-mount.ts';
import type { BuildRule, Problem } from '../types.ts';

export const mountTargetIsNotTheGoCache: BuildRule = {
  id: 'mount-target-is-not-the-go-cache',
  number: 2,
  subject: 'build',
  group: 'cache',
  severity: 'high',
  fix: 'safe',
  summary: 'a cache mount named for Go lies where Go never looks',
  check: (build) => build.runs.flatMap((run) => run.mounts.flatMap((mount) => checkMount(build, run, mount))),
};

function checkMount(build: ImageBuild, run: RunStep, mount: MountFacts): readonly Problem[] {
  const { target, type } = mount;
  if (type !== 'cache' || target === undefined || !mount.isCertain) return [];
  const kind = meantCache(target);
  const path = kind && cachePathOf(run, kind);
  if (kind === undefined || path === undefined || isUsed(run, target) || isNotExpanded(mount)) return [];
  const field = mount.fields.findLast(({ key }) => key === 'target' || key === 'dst' || key === 'destination');
  const isCertain = run.notFollowed.length === 0 && !run.commands.some(({ isOpaque }) => isOpaque);
  return [
    unlessCertain(isCertain, {
      file: build.file,
      range: run.isTrigger ? run.range : (field?.range ?? mount.range),
      severity: 'high',
      message: `${NAMES[kind]} is \`${path}\` in this RUN, so nothing is ever written to the mount on \`${target}\``,
      cost:
        kind === 'gocache'
          ? 'every package is compiled again in each build'
          : 'modules are downloaded again by this step',
      fix: retargetFix(build, { run, mount, kind }),
    }),
  ];
}

const NAMES: Readonly<Record<MountKind, string>> = { gocache: 'GOCACHE', gomodcache: 'GOMODCACHE' };

/**
 * Anything that may look at the directory: a Go cache in it or around it, a word of a command, another user's home, a variable that a program
 * reads.
 */
function isUsed(run: RunStep, target: string): boolean {
  if (run.commands.some(({ wrappers }) => wrappers.some(changesUser))) return true;
  const near = (path: string | undefined): boolean =>
    path !== undefined && (isWithin(path, target) || isWithin(target, path));
  return run.commands.some(({ go, argv, assignments, redirects, env, isSetting }) => {
    if (near(go?.goCache.path) || near(go?.goModCache.path)) return true;
    const words = isSetting && argv[0] !== 'cd' ? [] : argv;
    const texts = [...words, ...redirects.map((redirect) => redirect.target?.value ?? '')];
    const variables = [...env].filter(([name]) => !ONLY_FOR_MOUNTS.test(name)).map(([, value]) => value);
    const own = assignments.map(({ name, value }) => (ONLY_FOR_MOUNTS.test(name) ? '' : (value ?? '')));
    return [...texts, ...variables, ...own].some((text) => mentions(text, target));
  });
}

/** Names such as GO_CACHE_DIR, which no program reads: they are there for the mount. */
const ONLY_FOR_MOUNTS = /^GO(?:LANG)?_?(?:MOD|BUILD|PKG|MODULES?)?_?CACHE(?:_?(?:DIR|PATH|TARGET|MOUNT))?$/i;

function mentions(text: string, target: string): boolean {
  const at = text.indexOf(target);
  return at >= 0 && !/^[\w.-]/.test(text.slice(at + target.length));
}

/** `~`, `{HOME}` and variables without a value are told by a rule of their own. */
function isNotExpanded({ fields, target }: MountFacts): boolean {
  const written = fields.findLast(({ key }) => key === 'target' || key === 'dst' || key === 'destination')?.value ?? '';
  return /^["']?~|(?<!\$)\{/.test(written) || (written.includes('$') && !isSpelledOut(written, target ?? ''));
}

/** Every plain variable of the text gave something. */
function isSpelledOut(written: string, target: string): boolean {
  const fixed = written.split(/\$(?:\w+|\{[^}]*\})/);
  return fixed.join('').replace(/\/+/g, '/').replace(/\/$/, '') !== target;
}
