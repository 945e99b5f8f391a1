import { formatCsvField } from './csv-field.ts';
import type { HelperBuild } from './types.ts';

/** `--secret` of both clients: https://github.com/moby/buildkit/blob/v0.33.1/cmd/buildctl/build/secret.go */
export function planHelperSecrets({ secrets = [] }: Pick<HelperBuild, 'secrets'>): string[] {
  return secrets.flatMap(({ id, file }) => ['--secret', `id=${id},${formatCsvField('src', file)}`]);
}
