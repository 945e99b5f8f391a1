/** Which of Go's two caches a mount holds: compiled packages, or downloaded modules. */
export type MountKind = 'gocache' | 'gomodcache';
