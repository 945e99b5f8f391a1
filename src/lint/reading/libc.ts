import type { StageFacts } from '../facts/stage.ts';
import { installedPackages, isCompiler } from './installed-packages.ts';

/** The C library of a stage's image, `none` for scratch and the static distroless images; undefined when it isn't known. */
export type Libc = 'glibc' | 'musl' | 'none';

export function libcOf(stage: StageFacts): Libc | undefined {
  const root = stage.chain.at(-1);
  if (root === undefined || root.baseName === 'scratch') return root === undefined ? undefined : 'none';
  const { image } = root;
  if (image === undefined || image.isUnknown) return undefined;
  const { reference, name, tag = '' } = image;
  if (/(?:^|\/)distroless\/(?:nodejs|python|java)/.test(reference)) return 'glibc';
  if (/(?:distroless|chainguard|cgr\.dev\/[\w-]+)\/static(?:-debian\d+)?$/.test(reference.replace(/[:@].*$/, '')))
    return 'none';
  if (/(?:^|\/)distroless\/(?:base|base-nossl|cc)/.test(reference)) return 'glibc';
  if (/windows|nanoserver/.test(tag)) return undefined;
  if (/glibc/.test(reference)) return name === 'busybox' || name.includes('alpine') ? 'glibc' : undefined;
  if (name === 'alpine' || /(?:^|-)alpine/.test(tag)) return 'musl';
  if (GLIBC.has(name) || /^ubi\d*(?:-minimal|-micro)?$/.test(name)) return 'glibc';
  if (/bookworm|bullseye|buster|trixie|jammy|noble/.test(tag)) return 'glibc';
  return image.isGolang ? 'glibc' : undefined;
}

const GLIBC: ReadonlySet<string> = new Set([
  'debian',
  'ubuntu',
  'fedora',
  'rockylinux',
  'almalinux',
  'centos',
  'amazonlinux',
  'archlinux',
  'buildpack-deps',
  'wolfi-base',
]);

/** Is there a C compiler, so that Go uses cgo by itself? The Debian golang images bring gcc, the Alpine ones don't. */
export function hasCompiler(stage: StageFacts): boolean {
  const image = stage.chain.at(-1)?.image;
  if (image === undefined) return false;
  if (image.isGolang && !image.isUnknown && libcOf(stage) === 'glibc') return true;
  return installedPackages(stage).some(({ name }) => isCompiler(name));
}
