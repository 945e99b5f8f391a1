import { findOwnPackage } from './own-package.ts';

/** The version that the package beside the code states. */
export async function readVersion(): Promise<string> {
  return (await findOwnPackage())?.version ?? 'unknown';
}
