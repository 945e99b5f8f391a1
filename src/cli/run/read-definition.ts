import { isAbsolute, join } from 'node:path';
import { isRemoteContext } from '../../buildkit/buildctl-arguments.ts';
import { fields, list, member, members, pairs, text } from './json-values.ts';
import { flagWords, toBuild } from './to-build.ts';
import type { ColdBuild, NamedBuild } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The targets of `docker buildx bake --print`, those that others are built from too. */
export function readBakeAnswer(answer: unknown, env: Env): readonly (NamedBuild | ColdBuild)[] {
  return members(member(answer, 'target')).map(([name, target]) =>
    readTarget(`target \`${name}\``, target, { env, inline: 'dockerfile-inline', noCache: 'no-cache' }),
  );
}

export interface ComposeCall {
  readonly env: Env;
  /** All when empty. */
  readonly services: readonly string[];
  /** Those that the services depend on are built too. */
  readonly isWithDependencies: boolean;
  readonly buildArgs: readonly string[];
  readonly isWithoutCache: boolean;
}

/** The services of `docker compose config --format json` that are built. */
export function readComposeAnswer(answer: unknown, call: ComposeCall): readonly (NamedBuild | ColdBuild)[] {
  const { services, isWithDependencies, buildArgs, isWithoutCache } = call;
  const keys = { env: call.env, inline: 'dockerfile_inline', noCache: 'no_cache' };
  const more = [...flagWords('build-arg', buildArgs), ...(isWithoutCache ? ['--no-cache'] : [])];
  return members(member(answer, 'services')).flatMap(([name, service]) => {
    const build = member(service, 'build');
    const isMeant = services.length === 0 || isWithDependencies || services.includes(name);
    if (build === undefined || !isMeant) return [];
    const own = text(member(service, 'platform'));
    const platform = list(member(build, 'platforms')).length > 0 || own === undefined ? [] : ['--platform', own];
    return [readTarget(`service \`${name}\``, build, { ...keys, more: [...more, ...platform] })];
  });
}

interface TargetKeys {
  readonly env: Env;
  readonly inline: string;
  readonly noCache: string;
  /** Words of the command that hold for each target. */
  readonly more?: readonly string[];
}

/** A target in the words of `docker buildx build`; both tools name their fields alike. */
function readTarget(
  name: string,
  target: unknown,
  { env, inline, noCache, more = [] }: TargetKeys,
): NamedBuild | ColdBuild {
  const at = (key: string): unknown => member(target, key);
  const context = (text(at('context')) ?? '.').replace(/^cwd:\/\//, '') || '.';
  if (isRemoteContext(context) || context === '-')
    return { name, cold: { reason: 'its context is remote', isFault: false } };
  const fileText = text(at(inline));
  const named = text(at('target'));
  const network = text(at('network'));
  const words = [
    ...(fileText === undefined ? fileWords(text(at('dockerfile')), context) : ['--file', '-']),
    ...(named === undefined ? [] : ['--target', named]),
    ...flagWords('build-arg', pairs(at('args'))),
    ...flagWords('build-context', pairs(at('contexts') ?? at('additional_contexts'))),
    ...flagWords('platform', list(at('platforms')).map(String)),
    ...(network === undefined ? [] : ['--network', network]),
    ...flagWords('secret', list(at('secret')).map(fields)),
    ...flagWords('ssh', list(at('ssh')).map(fields)),
    ...(at(noCache) === true ? ['--no-cache'] : []),
    ...more,
    '--',
    context,
  ];
  return { name, build: toBuild(words, env, fileText) };
}

/** Both tools look for the Dockerfile from the context; with `cwd://` bake looks from where it runs. */
function fileWords(dockerfile: string | undefined, context: string): readonly string[] {
  if (dockerfile === undefined) return [];
  if (dockerfile.startsWith('cwd://')) return ['--file', dockerfile.slice('cwd://'.length)];
  return ['--file', isAbsolute(dockerfile) ? dockerfile : join(context, dockerfile)];
}
