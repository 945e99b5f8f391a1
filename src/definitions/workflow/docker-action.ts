import { resolvePlace, toInvocation, unplaced } from '../invocation.ts';
import type { BuildInvocation } from '../types.ts';
import { toSetting } from '../values/placed-value.ts';
import { directoryOf } from '../../core/file-tree.ts';
import { entry, field, scalar, text } from '../yaml/read-yaml.ts';
import type { Workflow } from './types.ts';

/** An action that runs in an image built from a Dockerfile (`runs.using: docker`, `image: Dockerfile`): the runner builds it in each job. */
export function dockerActionBuild({ kind, path, file, name }: Workflow): BuildInvocation | undefined {
  const runs = entry(file.documents[0], 'runs');
  const image = scalar(field(runs?.value, 'image'));
  if (kind !== 'action' || runs === undefined || image === undefined || text(field(runs.value, 'using')) !== 'docker')
    return undefined;
  if (image.text.startsWith('docker://')) return undefined;
  const dockerfile = toSetting(
    path,
    image,
    { start: 0, end: image.text.length },
    { text: image.text, certainty: 'known' },
  );
  return toInvocation(unplaced(path, 'action'), {
    tool: 'docker-action',
    range: runs.range,
    label: `action \`${name ?? path}\``,
    ...resolvePlace({
      context: undefined,
      dockerfile,
      workingDirectory: directoryOf(path),
      isDockerfileInContext: true,
    }),
  });
}
