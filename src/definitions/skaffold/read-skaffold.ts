import { readCacheEntry } from '../cache-entry.ts';
import { type InvocationPlace, resolvePlace, toInvocation } from '../invocation.ts';
import type { BuildInvocation, Setting } from '../types.ts';
import type { Known } from '../values/certainty.ts';
import { toSetting } from '../values/placed-value.ts';
import { directoryOf } from '../../core/file-tree.ts';
import {
  entries,
  entry,
  field,
  items,
  rangeOf,
  scalar,
  scalars,
  text,
  type YamlFile,
  type YamlValue,
} from '../yaml/read-yaml.ts';
import type { PlacedText } from '../yaml/scalar-text.ts';

export function isSkaffoldPath(path: string): boolean {
  return /(?:^|\/)skaffold(?:[.-][\w.-]+)?\.ya?ml$/.test(path);
}

/** The artifacts that skaffold builds with Docker, also those of profiles. Its `{{.NAME}}` templates aren't read. */
export function skaffoldBuilds(file: YamlFile, place: InvocationPlace): readonly BuildInvocation[] {
  return file.documents.flatMap((document) => {
    const builds = [
      field(document, 'build'),
      ...items(field(document, 'profiles')).map((profile) => field(profile, 'build')),
    ];
    const platforms = scalars(field(document, 'build', 'platforms'));
    return builds.flatMap((build) =>
      items(field(build, 'artifacts')).flatMap((each) => readArtifact(each, { file, place, platforms }) ?? []),
    );
  });
}

interface Reader {
  readonly file: YamlFile;
  readonly place: InvocationPlace;
  readonly platforms: readonly PlacedText[];
}

const OTHER_BUILDERS = ['jib', 'ko', 'bazel', 'buildpacks', 'custom'];

function readArtifact(artifact: YamlValue, { file, place, platforms }: Reader): BuildInvocation | undefined {
  if (OTHER_BUILDERS.some((name) => entry(artifact, name) !== undefined)) return undefined;
  const docker = field(artifact, 'docker') ?? field(artifact, 'kaniko');
  const setting = (placed: PlacedText): Setting =>
    toSetting(file.path, placed, { start: 0, end: placed.text.length }, known(placed.text));
  const at = (value: YamlValue | undefined): Setting | undefined => {
    const placed = scalar(value);
    return placed === undefined ? undefined : setting(placed);
  };
  const own = scalars(field(artifact, 'platforms'));
  const named = own.length > 0 ? own : platforms;
  const noCache = at(field(docker, 'noCache'));
  return toInvocation(place, {
    tool: 'skaffold',
    range: rangeOf(artifact),
    label: `artifact \`${text(field(artifact, 'image')) ?? ''}\``,
    ...resolvePlace({
      context: at(field(artifact, 'context')),
      dockerfile: at(field(docker, 'dockerfile')),
      workingDirectory: directoryOf(file.path),
      isDockerfileInContext: true,
    }),
    target: at(field(docker, 'target')),
    platforms: named.length === 0 ? undefined : named.map(setting),
    buildArgs: entries(field(docker, 'buildArgs')).map(({ key, value, range }) => ({
      name: key,
      value: at(value),
      range,
    })),
    cacheFrom: scalars(field(docker, 'cacheFrom')).map((each) => readCacheEntry(setting(each))),
    noCache: noCache?.text === 'true' ? noCache : undefined,
    isPushed: true,
  });
}

function known(text: string): Known {
  return { text, certainty: text.includes('{{') ? 'unknown' : 'known' };
}
