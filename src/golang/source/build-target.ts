/** What a build is for: the things that build constraints ask about. */
export interface BuildTarget {
  readonly goos: string;
  readonly goarch: string;
  /** CGO_ENABLED=1. */
  readonly isCgoEnabled: boolean;
  /** Those of `-tags`. */
  readonly tags: readonly string[];
  /** The minor version of the Go that builds: 26 satisfies go1.1 to go1.26. */
  readonly goMinor: number;
}

/** linux/amd64 with cgo off and a recent Go: what a static image is built for. */
export const STATIC_LINUX: BuildTarget = {
  goos: 'linux',
  goarch: 'amd64',
  isCgoEnabled: false,
  tags: [],
  goMinor: 26,
};

/** Source of the lists: Go's src/internal/syslist/syslist.go (1.26) */
export const KNOWN_OS: ReadonlySet<string> = words(
  `aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos`,
);

export const KNOWN_ARCH: ReadonlySet<string> = words(
  `386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le
   riscv riscv64 s390 s390x sparc sparc64 wasm`,
);

const UNIX_OS = words('aix android darwin dragonfly freebsd hurd illumos ios linux netbsd openbsd solaris');

/** An operating system that also satisfies the tag of another. */
const ALSO_KNOWN_AS: Readonly<Record<string, string>> = { android: 'linux', illumos: 'solaris', ios: 'darwin' };

/** Does this tag hold? Source: Context.matchTag in Go's src/go/build/build.go */
export function matchesTag(target: BuildTarget, tag: string): boolean {
  const { goos, goarch } = target;
  if (tag === 'cgo' && target.isCgoEnabled) return true;
  if (tag === goos || tag === goarch || tag === 'gc' || tag === ALSO_KNOWN_AS[goos]) return true;
  if (tag === 'unix' && UNIX_OS.has(goos)) return true;
  const release = /^go1\.([1-9][0-9]*)$/.exec(tag)?.[1];
  if (release !== undefined && Number(release) <= target.goMinor) return true;
  return target.tags.includes(tag === 'boringcrypto' ? 'goexperiment.boringcrypto' : tag);
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
