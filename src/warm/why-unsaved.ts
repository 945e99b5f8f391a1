import type { StoreContext } from './types.ts';

/** Why nothing is to be saved, whatever a build left; undefined where it may. */
export function whyUnsaved({ options: { isReadOnly, trust } }: StoreContext): string | undefined {
  if (isReadOnly) return 'the store is only read (`--read-only`)';
  if (trust?.isRequired === true && trust.signingKeys.length === 0)
    return 'signatures are required, and there is no key to sign with';
  return undefined;
}

/** The service's rule for this run. What may be written but not read isn't either: a snapshot says what it adds to those before. */
export function whyRefused({ store }: StoreContext): string | undefined {
  return store.refusal?.write ?? store.refusal?.read;
}
