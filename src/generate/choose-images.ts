import { compareGoVersions, goLanguageVersion, toolchainVersion } from '../golang/module/go-version.ts';
import type { Base, ModuleFacts, WorkspaceFacts } from './types.ts';

/** The Go that is taken where go.mod has no go line. */
export const CURRENT_GO = '1.26';
/** GOMODCACHE is a setting since Go 1.15, and images with fewer patches than this aren't worth a new Dockerfile. */
const OLDEST_GO = '1.16';

export interface ImageWishes {
  readonly isCgo: boolean;
  readonly base: Base;
  /** Taken as it is. */
  readonly goImage: string | undefined;
}

export interface ImageChoice {
  readonly builder: string;
  /** The builder's libc is musl. */
  readonly isAlpine: boolean;
  /** What FROM of the last stage names. */
  readonly final: string;
  readonly because: string;
}

/** The builder's and the last image. A static build gets the small variant; a cgo build one with the C library it will run on. */
export function chooseImages(
  goVersion: { readonly tag: string; readonly because: string },
  wishes: ImageWishes,
): ImageChoice {
  const { isCgo, base, goImage } = wishes;
  const release = debianOf(goVersion.tag);
  const variant = !isCgo || base === 'alpine' ? 'alpine' : release.name;
  const builder = goImage ?? `golang:${goVersion.tag}-${variant}`;
  const final = {
    scratch: 'scratch',
    distroless: `gcr.io/distroless/${isCgo ? 'base' : 'static'}-debian${release.number}`,
    alpine: 'alpine:3.22',
    debian: `debian:${release.name}-slim`,
  }[base];
  const reason = isCgo
    ? 'with a C compiler and the C library of the final image'
    : 'the small variant: the build is static';
  return {
    builder,
    isAlpine: /alpine/.test(builder),
    final,
    because: goImage === undefined ? `${goVersion.because}; ${reason}` : '--go-image',
  };
}

/** The newest `go` or `toolchain` line of the modules that are built together, as a tag of the golang image. */
export function chooseGoVersion(
  modules: readonly ModuleFacts[],
  workspace: WorkspaceFacts | undefined,
): { readonly tag: string; readonly because: string } {
  const lines = [...modules, ...(workspace === undefined ? [] : [workspace])].flatMap(({ go, toolchain }) => [
    ...(go === undefined ? [] : [{ version: go, because: `the go line says ${go}` }]),
    ...(toolchain === undefined
      ? []
      : [{ version: toolchainVersion(toolchain) ?? '', because: `the toolchain line says ${toolchain}` }]),
  ]);
  const newest = lines.reduce<(typeof lines)[number] | undefined>(
    (best, line) => (best === undefined || compareGoVersions(line.version, best.version) > 0 ? line : best),
    undefined,
  );
  if (newest === undefined || newest.version === '') return { tag: CURRENT_GO, because: 'there is no go line' };
  if (compareGoVersions(newest.version, OLDEST_GO) < 0) {
    return { tag: OLDEST_GO, because: `${newest.because}, and the oldest image worth using is ${OLDEST_GO}` };
  }
  const isPrerelease = /[a-z]/.test(newest.version);
  return {
    tag: isPrerelease ? newest.version : (goLanguageVersion(newest.version) ?? CURRENT_GO),
    because: newest.because,
  };
}

/** The Debian that both the golang image and the final image exist for. Go 1.20 is the first with a bookworm variant. */
function debianOf(tag: string): { readonly name: string; readonly number: number } {
  return compareGoVersions(tag, '1.20') < 0 ? { name: 'bullseye', number: 11 } : { name: 'bookworm', number: 12 };
}
