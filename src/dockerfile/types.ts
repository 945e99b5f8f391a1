import type { ShellCommand } from '../shell/types.ts';
import type { MountKind } from '../core/mount-kind.ts';

/**
 * What decides which directory BuildKit mounts. `sharing` isn't part of it.
 * Source: dispatchRunMounts in moby/buildkit v0.33.1, frontend/dockerfile/dockerfile2llb/convert_runmount.go.
 */
export interface MountIdentity {
  /** Value of the build argument BUILDKIT_CACHE_MOUNT_NS, or ''. */
  readonly namespace: string;
  /** `id=`, else the cleaned `target=` as written (before it is joined with WORKDIR). */
  readonly id: string;
  /** Stage, image or named context; undefined = scratch. */
  readonly from?: string;
  readonly source?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
}

/** One Go cache mount that the build of the target really uses. */
export interface GoMount {
  readonly kind: MountKind;
  readonly identity: MountIdentity;
  /** Absolute path in the step's container. */
  readonly target: string;
  /** Where in the mount the cache lies: '' when the mount is the cache directory itself, `go-build` for a mount on `/root/.cache`. */
  readonly subdirectory: string;
  readonly readOnly: boolean;
  /** 1-based line of the RUN. */
  readonly line: number;
  readonly stageIndex: number;
  readonly stageName: string | undefined;
  /** The stage's own base image after ARG expansion, when it is an image: what a helper can run in if nothing smaller is to be had. */
  readonly baseImage: string | undefined;
  /** USER in force at the step, as written after expansion; undefined = what the image says. */
  readonly user: string | undefined;
  /** Platform of the stage when FROM names one, after expansion. */
  readonly platform: string | undefined;
}

/** A RUN of a needed stage that compiles Go, as far as can be told. */
export interface GoCompile {
  readonly line: number;
  readonly stageIndex: number;
  readonly command: string;
  /** GOCACHE and GOMODCACHE in force at the step: an absolute path, or undefined where it can't be known. */
  readonly goCache: string | undefined;
  readonly goModCache: string | undefined;
  readonly hasGoCacheMount: boolean;
  readonly hasGoModCacheMount: boolean;
}

/** What the rest of slipway needs to know of a Dockerfile for one build. */
export interface BuildFacts {
  /** The `# syntax=` value, if any. */
  readonly syntax: string | undefined;
  /** False for a frontend other than docker/dockerfile (any tag, digest or registry prefix, also -upstream): build without the cache then. */
  readonly isKnownFrontend: boolean;
  readonly targetStageIndex: number;
  readonly targetStageName: string | undefined;
  readonly neededStages: readonly NeededStage[];
  /** Base images of the needed stages after ARG expansion, without `scratch`, stages and named contexts; no duplicates. */
  readonly baseImages: readonly BaseImage[];
  /** Distinct by identity and kind. */
  readonly mounts: readonly GoMount[];
  /** How BuildKit begins the names of those RUNs of the needed stages that have a cache mount: `[build 4/5] RUN`. */
  readonly mountSteps: readonly string[];
  readonly compiles: readonly GoCompile[];
  /** The values of GOPRIVATE in force at RUNs of the needed stages, each once. */
  readonly goPrivate: readonly string[];
  /** A Go command that asks for modules as a whole; undefined when none is seen. */
  readonly wholeModules?: WholeModuleUse | undefined;
  /** What runs beside Go where a cache is mounted; undefined when nothing does. */
  readonly calls?: readonly RunCall[] | undefined;
}

/** A command of a RUN that isn't Go, and may run it: a script, make. */
export interface RunCall {
  /** 1-based, of the RUN. */
  readonly line: number;
  readonly command: ShellCommand;
}

export interface WholeModuleUse {
  /** 1-based, of the RUN. */
  readonly line: number;
  readonly command: string;
}

export interface BaseImage {
  readonly reference: string;
  readonly platform: string | undefined;
}

export interface NeededStage {
  readonly index: number;
  readonly name: string | undefined;
  readonly baseName: string;
  readonly line: number;
}

export interface FactsOptions {
  /** For messages: `Dockerfile`, `build/app.Dockerfile`. */
  readonly fileName: string;
  readonly target?: string;
  /** `--build-arg`; undefined = a name without a value that the environment doesn't hold either. */
  readonly buildArgs: Readonly<Record<string, string | undefined>>;
  /** `--platform`, first one; default: the builder's, `linux/amd64` when unknown. */
  readonly targetPlatform?: string;
  readonly buildPlatform?: string;
  /** Names given by `--build-context`, which override stages and images. */
  readonly buildContextNames?: readonly string[];
}
