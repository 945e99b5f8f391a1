/** An OCI platform as BuildKit's Dockerfile frontend knows it. */
export interface Platform {
  readonly os: string;
  readonly osVersion: string;
  readonly architecture: string;
  readonly variant: string;
}

/**
 * Parses `linux/arm64/v8`, `arm64`, `linux`; undefined when it is no platform. Missing parts are those of linux/amd64.
 * Source: platforms.Parse in github.com/containerd/platforms/blob/v1.0.0-rc.3/platforms.go
 */
export function parsePlatform(text: string): Platform | undefined {
  const parts = text.split('/');
  const osPart = /^([A-Za-z0-9_.-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$/.exec(parts[0] ?? '');
  if (osPart === null || parts.length > 3 || !parts.slice(1).every((part) => /^[A-Za-z0-9_.-]+$/.test(part)))
    return undefined;
  const os = normalizeOs(osPart[1] ?? '');
  const osVersion = osPart[2] ?? '';
  const [, architecture, variant] = parts;
  if (architecture === undefined) {
    if (KNOWN_OS.has(os)) return { os, osVersion, architecture: 'amd64', variant: '' };
    const known = normalizeArchitecture(parts[0] ?? '', '');
    if (!KNOWN_ARCHITECTURES.has(known.architecture)) return undefined;
    return { os: 'linux', osVersion, ...withoutDefaultVariant(known) };
  }
  const normalized = normalizeArchitecture(architecture, variant ?? '');
  if (variant === undefined) return { os, osVersion, ...withoutDefaultVariant(normalized) };
  if (normalized.architecture === 'arm64' && normalized.variant === '')
    return { os, osVersion, architecture: 'arm64', variant: 'v8' };
  return { os, osVersion, ...normalized };
}

/** platforms.Format */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter((part) => part !== '').join('/');
}

/** platforms.FormatAll: with the version of the operating system. */
export function formatFullPlatform(platform: Platform): string {
  const { osVersion } = platform;
  return formatPlatform(osVersion === '' ? platform : { ...platform, os: `${platform.os}(${osVersion})` });
}

/** platforms.Normalize */
export function normalizePlatform(platform: Platform): Platform {
  return {
    ...platform,
    os: normalizeOs(platform.os),
    ...normalizeArchitecture(platform.architecture, platform.variant),
  };
}

function normalizeOs(os: string): string {
  const lower = os.toLowerCase();
  return lower === 'macos' ? 'darwin' : lower;
}

interface Architecture {
  readonly architecture: string;
  readonly variant: string;
}

function withoutDefaultVariant(arch: Architecture): Architecture {
  return arch.architecture === 'arm' && arch.variant === 'v7' ? { architecture: 'arm', variant: '' } : arch;
}

function normalizeArchitecture(given: string, givenVariant: string): Architecture {
  const architecture = given.toLowerCase();
  const variant = givenVariant.toLowerCase();
  switch (architecture) {
    case 'i386':
      return { architecture: '386', variant: '' };
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return { architecture: 'amd64', variant: variant === 'v1' ? '' : variant };
    case 'aarch64':
    case 'arm64':
      if (['8', 'v8', 'v8.0'].includes(variant)) return { architecture: 'arm64', variant: '' };
      return { architecture: 'arm64', variant: ['9', '9.0', 'v9.0'].includes(variant) ? 'v9' : variant };
    case 'armhf':
      return { architecture: 'arm', variant: 'v7' };
    case 'armel':
      return { architecture: 'arm', variant: 'v6' };
    case 'arm':
      return { architecture, variant: variant === '' ? 'v7' : /^[5678]$/.test(variant) ? `v${variant}` : variant };
    default:
      return { architecture, variant };
  }
}

const KNOWN_OS: ReadonlySet<string> = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  ),
);

const KNOWN_ARCHITECTURES: ReadonlySet<string> = new Set(
  `386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64
   s390 s390x sparc sparc64 wasm`.split(/\s+/),
);
