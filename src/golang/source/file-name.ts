import { type BuildTarget, KNOWN_ARCH, KNOWN_OS, matchesTag } from './build-target.ts';

/**
 * Does the name of a file let it into a build: `conn_linux_arm64_test.go` is for linux/arm64 only? Names that start with `.` or `_`
 * are never built. Source: Context.goodOSArchFile in Go's src/go/build/build.go
 */
export function matchesFileName(name: string, target: BuildTarget): boolean {
  if (/^[._]/.test(name)) return false;
  const stem = name.split('.')[0] ?? '';
  const parts = stem.split('_').slice(1);
  if (parts.at(-1) === 'test') parts.pop();
  const [before, last] = [parts.at(-2), parts.at(-1)];
  if (last === undefined) return true;
  if (before !== undefined && KNOWN_OS.has(before) && KNOWN_ARCH.has(last)) {
    return matchesTag(target, last) && matchesTag(target, before);
  }
  return KNOWN_OS.has(last) || KNOWN_ARCH.has(last) ? matchesTag(target, last) : true;
}

export function isTestFile(name: string): boolean {
  return name.endsWith('_test.go');
}
