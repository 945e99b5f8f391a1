import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT, toolsCache } from './tools.ts';

/**
 * The images that a test worker can name in FROM, word for word as on Docker Hub; scripts/lib/base-images.sh puts them
 * together from Debian and the machine's Go.
 */
export const BASE_IMAGES = {
  /** Debian with make and CA certificates, Go, no C compiler. */
  golang: 'golang:1.26',
  /** Debian with a C compiler beside. */
  golangBookworm: 'golang:1.26-bookworm',
  /** Busybox instead of Alpine's userland, and Go: no bash, no GNU tools. */
  golangAlpine: 'golang:1.26-alpine',
  /** Only busybox, a root user and `nobody`: the helper image. */
  busybox: 'busybox:1.37',
  alpine: 'alpine:3.22',
  debian: 'debian:bookworm-slim',
} as const;

/** The registry storage that holds them; it is only ever read by tests. */
export function baseImagesDirectory(): string {
  const named = process.env['SLIPWAY_BASE_IMAGES'];
  if (named !== undefined && named !== '') return named;
  const places = [join(PROJECT_ROOT, '.tools'), toolsCache()].map((place) => join(place, 'base-images'));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) {
    throw new Error(`there are no base images in ${places.join(' or ')}: run ./scripts/test, which puts them together`);
  }
  return found;
}
