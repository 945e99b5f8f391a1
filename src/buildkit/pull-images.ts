import type { BaseImage } from '../dockerfile/types.ts';
import type { Engine, RunOptions } from './types.ts';

/**
 * Fetches and unpacks the base images of the coming build. BuildKit unpacks an image only when a step mounts it; a COPY
 * of a pattern that matches nothing does that, needs no shell in the image, and is cached from then on.
 */
export async function pullImages(
  engine: Engine,
  images: readonly BaseImage[],
  run: RunOptions & { readonly context: string; readonly node?: string | undefined },
): Promise<void> {
  const stages = images.map(({ reference, platform }, index) => {
    const flag = platform === undefined ? '' : `--platform=${platform} `;
    return `FROM ${flag}${reference} AS image${index}\n`;
  });
  const copies = images.map((_, index) => `COPY --from=image${index} /slipway-no-such-file* /\n`);
  const dockerfile = `${stages.join('')}FROM scratch\n${copies.join('')}`;
  const platform = run.node === undefined ? {} : { platform: run.node };
  await engine.runHelper({ phase: 'pull', dockerfile, context: run.context, buildArgs: {}, ...platform }, run);
}
