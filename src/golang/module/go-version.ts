/** A Go version such as `1.22`, `1.26.1` or `1.21rc2`. */
interface Parsed {
  readonly major: string;
  readonly minor: string;
  /** `''` for a language version or a prerelease since Go 1.21. */
  readonly patch: string;
  /** `rc`, `beta`, … */
  readonly kind: string;
  readonly pre: string;
}

const NUMBER = '(0|[1-9][0-9]*)';
const GO_VERSION = new RegExp(`^${NUMBER}(?:\\.${NUMBER}(?:\\.${NUMBER}|([a-z]+)${NUMBER}?)?)?$`);

/** Takes `1.26.1`, `go1.26.1` and `go1.26.1-custom` alike. Sources: Parse in Go's src/internal/gover/gover.go, stripGo in src/go/version */
function parseGoVersion(version: string): Parsed | undefined {
  const match = GO_VERSION.exec(version.replace(/^go/, '').replace(/-.*$/s, ''));
  if (match === null) return undefined;
  const [, major = '', minor, patch, kind = '', pre = ''] = match;
  if (minor === undefined) return { major, minor: '0', patch: '0', kind, pre };
  // Since 1.21 `1.N` names the language and comes before its release candidates; before, it was the first release.
  const unwritten = kind === '' && Number(minor) < 21 ? '0' : '';
  return { major, minor, patch: patch ?? unwritten, kind, pre };
}

export function isGoVersion(version: string): boolean {
  return parseGoVersion(version) !== undefined;
}

/** -1, 0 or 1: `1.21` < `1.21rc1` < `1.21.0`. What is no Go version is less than every one. */
export function compareGoVersions(a: string, b: string): number {
  const [left, right] = [parseGoVersion(a), parseGoVersion(b)];
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return (
    compareNumbers(left.major, right.major) ||
    compareNumbers(left.minor, right.minor) ||
    compareNumbers(left.patch, right.patch) ||
    compareText(left.kind, right.kind) ||
    compareNumbers(left.pre, right.pre)
  );
}

/** The language version: `1.26` for `1.26.1` and `go1.26rc1`; undefined for what is no Go version. */
export function goLanguageVersion(version: string): string | undefined {
  const parsed = parseGoVersion(version);
  if (parsed === undefined) return undefined;
  return parsed.major === '1' && parsed.minor === '0' ? '1' : `${parsed.major}.${parsed.minor}`;
}

/**
 * The version that a toolchain name stands for: `go1.22.1-custom` is `1.22.1`; undefined for `default`.
 * Source: FromToolchain in Go's src/cmd/go/internal/gover/toolchain.go
 */
export function toolchainVersion(name: string): string | undefined {
  const version = /^go([^ \t-]*)[^/\\]*$/.exec(name)?.[1];
  return version !== undefined && isGoVersion(version) ? version : undefined;
}

function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length !== b.length) return a.length < b.length ? -1 : 1;
  return a < b ? -1 : 1;
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
