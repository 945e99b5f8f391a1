/** A semantic version with a leading `v`, as Go reads it; `v1` and `v1.2` are allowed, without prerelease and build. */
interface Parsed {
  readonly numbers: readonly [string, string, string];
  /** What a short version lacks: `.0.0`, `.0` or nothing. */
  readonly missing: string;
  /** Without its dash. */
  readonly prerelease: string;
  /** With its plus. */
  readonly build: string;
}

const NUMBER = '(0|[1-9][0-9]*)';
const SEMVER = new RegExp(`^v${NUMBER}(?:\\.${NUMBER}(?:\\.${NUMBER}(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?)?)?$`);

function parseVersion(version: string): Parsed | undefined {
  const match = SEMVER.exec(version);
  if (match === null) return undefined;
  const [, major = '', minor, patch, dashed = '', build = ''] = match;
  const prerelease = dashed.slice(1);
  const isSound =
    (dashed === '' || prerelease.split('.').every((part) => part !== '' && !/^0[0-9]+$/.test(part))) &&
    (build === '' ||
      build
        .slice(1)
        .split('.')
        .every((part) => part !== ''));
  if (!isSound) return undefined;
  const missing = minor === undefined ? '.0.0' : patch === undefined ? '.0' : '';
  return { numbers: [major, minor ?? '0', patch ?? '0'], missing, prerelease, build };
}

/**
 * `v1.2` is `v1.2.0`; build metadata goes, but for `+incompatible`. Undefined for what is no version (a branch, a commit).
 * Source: module.CanonicalVersion in golang.org/x/mod/module/module.go
 */
export function canonicalVersion(version: string): string | undefined {
  const parsed = parseVersion(version);
  if (parsed === undefined) return undefined;
  if (parsed.build === '') return version + parsed.missing;
  return parsed.build === '+incompatible' ? version : version.slice(0, -parsed.build.length);
}

/** -1, 0 or 1; what is no version is less than every version. Source: semver.Compare in golang.org/x/mod/semver */
export function compareModuleVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  for (const index of [0, 1, 2] as const) {
    const order = compareNumbers(left.numbers[index], right.numbers[index]);
    if (order !== 0) return order;
  }
  return comparePrereleases(left.prerelease, right.prerelease);
}

/** `v0.0.0-20240102150405-0123456789ab` and its kin: a commit that has no tag. Source: module.IsPseudoVersion */
export function isPseudoVersion(version: string): boolean {
  return (
    version.split('-').length > 2 &&
    parseVersion(version) !== undefined &&
    /^v[0-9]+\.(?:0\.0-|\d+\.\d+-(?:[^+]*\.)?0\.)\d{14}-[A-Za-z0-9]+(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/.test(
      version,
    )
  );
}

/**
 * Says why `path` can't be had at `version`: the major version in the path and in the version must agree. Undefined if it can.
 * Source: SplitPathVersion and CheckPathMajor in golang.org/x/mod/module/module.go
 */
export function pathVersionFault(path: string, version: string): string | undefined {
  const major = pathMajor(path);
  if (major === undefined) return 'invalid module path';
  const parsed = parseVersion(version);
  const written = parsed === undefined ? '' : `v${parsed.numbers[0]}`;
  const wanted = major.replace(/-unstable$/, '');
  if (version.startsWith('v0.0.0-') && wanted === '.v1') return undefined;
  if (wanted === '') {
    const isFree = written === 'v0' || written === 'v1' || parsed?.build === '+incompatible';
    return isFree ? undefined : `invalid version: should be v0 or v1, not ${written}`;
  }
  return written === wanted.slice(1) ? undefined : `invalid version: should be ${wanted.slice(1)}, not ${written}`;
}

/** The major version that ends a module path, as `/v2` or `.v1`; `''` without one; undefined for an impossible one. */
export function pathMajor(path: string): string | undefined {
  if (path.startsWith('gopkg.in/')) {
    const match = /^.+(\.v[0-9]+(?:-unstable)?)$/.exec(path);
    const major = match?.[1];
    return major === undefined || /^\.v0[0-9]/.test(major) || major === '.v0-unstable' ? undefined : major;
  }
  const match = /^.*(\/v[0-9.]+)$/.exec(path);
  const major = match?.[1];
  if (major === undefined) return '';
  return /^\/v[1-9][0-9]*$/.test(major) && major !== '/v1' ? major : undefined;
}

function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? 1 : -1;
  const [left, right] = [a.split('.'), b.split('.')];
  for (let index = 0; ; index++) {
    const [x, y] = [left[index], right[index]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    if (x !== y) return compareIdentifiers(x, y);
  }
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^[0-9]+$/.test(a), /^[0-9]+$/.test(b)];
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  return isNumberA ? compareNumbers(a, b) : a < b ? -1 : 1;
}

function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length !== b.length) return a.length < b.length ? -1 : 1;
  return a < b ? -1 : 1;
}
