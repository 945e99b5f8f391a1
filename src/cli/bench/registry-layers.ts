import { homedir } from 'node:os';
import type { RegistryPlace } from '../../bench/strategies/strategy.ts';
import { systemClock } from '../../core/clock.ts';
import { SlipwayError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { openRepository } from '../../oci/client.ts';
import { httpFetch } from '../../oci/http-fetch.ts';
import { readManifest } from '../../oci/manifests.ts';

/** The layers of a tag with their bytes, asked of the registry itself. */
export function registryLayers(
  place: { readonly host: string; readonly repository: string },
  { env, logger }: { readonly env: Readonly<Record<string, string | undefined>>; readonly logger: Logger },
): RegistryPlace['layersOf'] {
  const repository = openRepository({
    ...place,
    env,
    homeDirectory: env['HOME'] || homedir(),
    logger,
    fetch: httpFetch,
    clock: systemClock,
    counters: { requests: 0, bodyBytesSent: 0 },
  });
  return async (tag) => {
    const bytes = await readManifest(repository, tag);
    if (bytes === undefined) return new Map();
    return readLayers(JSON.parse(new TextDecoder().decode(bytes)) as unknown, tag);
  };
}

/** Of an image manifest: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md */
function readLayers(manifest: unknown, tag: string): ReadonlyMap<string, number> {
  const layers = (manifest as { readonly layers?: unknown }).layers;
  if (!Array.isArray(layers)) throw new SlipwayError('FORMAT_UNKNOWN', `the manifest \`${tag}\` has no layers`);
  const sizes = new Map<string, number>();
  for (const { digest, size } of layers as readonly { readonly digest?: unknown; readonly size?: unknown }[]) {
    if (typeof digest === 'string' && typeof size === 'number') sizes.set(digest, size);
  }
  return sizes;
}
