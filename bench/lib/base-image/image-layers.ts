interface Manifest {
  readonly manifests?: readonly { readonly digest: string; readonly platform?: { readonly os: string } }[];
  readonly layers?: readonly { readonly size: number }[];
}

/** Sizes of an image's layers in bytes, lowest first, as the registry at `host` holds `golang:<tag>`. */
export async function layersOf(host: string, tag: string): Promise<readonly number[]> {
  const manifest = await readManifest(host, tag);
  // Attestations are listed beside, with the platform `unknown`.
  const image = manifest.manifests?.find(({ platform }) => platform?.os === 'linux')?.digest;
  const { layers } = image === undefined ? manifest : await readManifest(host, image);
  if (layers === undefined) throw new Error(`\`golang:${tag}\` has no layers`);
  return layers.map(({ size }) => size);
}

async function readManifest(host: string, reference: string): Promise<Manifest> {
  const types = ['application/vnd.oci.image.index.v1+json', 'application/vnd.oci.image.manifest.v1+json'];
  const url = `http://${host}/v2/library/golang/manifests/${reference}`;
  const answer = await fetch(url, { headers: { accept: types.join(', ') } });
  if (!answer.ok) throw new Error(`the registry answers ${answer.status} for \`golang:${reference}\``);
  return (await answer.json()) as Manifest;
}
