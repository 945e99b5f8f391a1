import type { Choices } from './choose.ts';

/** Where a workflow pushes an image that was named with a registry or an owner. */
export interface ImageAddress {
  readonly name: string;
  /** `registry.example.com:5000`; Docker Hub's own name where none is written. */
  readonly registry: string;
}

/** Undefined for a bare name such as `app`, which is no place to push to. A first part with a dot or a port is a registry. */
export function imageAddress({ imageName }: Choices): ImageAddress | undefined {
  const [first = '', ...rest] = imageName.split('/');
  if (rest.length === 0) return undefined;
  return { name: imageName, registry: /[.:]|^localhost$/.test(first) ? first : 'docker.io' };
}
