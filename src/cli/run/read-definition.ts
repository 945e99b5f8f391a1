import { isRemoteContext } from '../../buildkit/buildctl-arguments.ts';
import { member, members, text } from '../../definitions/json-values.ts';
import { readBakeTargets, readStatedTarget, type StatedTarget } from '../../definitions/stated-target.ts';
import { flagWords, toBuild } from './to-build.ts';
import type { ColdBuild, NamedBuild } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The targets of `docker buildx bake --print`, those that others are built from too. */
export function readBakeAnswer(answer: unknown, env: Env): readonly (NamedBuild | ColdBuild)[] {
  return readBakeTargets(answer).map(([name, target]) => toNamed(`target \`${name}\``, target, { env }));
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
  const more = [...flagWords('build-arg', buildArgs), ...(isWithoutCache ? ['--no-cache'] : [])];
  return members(member(answer, 'services')).flatMap(([name, service]) => {
    const build = member(service, 'build');
    const isMeant = services.length === 0 || isWithDependencies || services.includes(name);
    if (build === undefined || !isMeant) return [];
    const own = text(member(service, 'platform'));
    const stated = readStatedTarget(build, '_');
    const platform = stated.platforms.length > 0 || own === undefined ? [] : ['--platform', own];
    return [toNamed(`service \`${name}\``, stated, { env: call.env, more: [...more, ...platform] })];
  });
}

/** A target as a build. `more`: words of the command that hold for each of them. */
function toNamed(
  name: string,
  stated: StatedTarget,
  { env, more = [] }: { readonly env: Env; readonly more?: readonly string[] },
): NamedBuild | ColdBuild {
  const { context, file, fileText, target, network } = stated;
  if (isRemoteContext(context) || context === '-')
    return { name, cold: { reason: 'its context is remote', isFault: false } };
  const words = [
    ...flagWords(
      'file',
      [fileText === undefined ? file : '-'].flatMap((each) => each ?? []),
    ),
    ...flagWords('target', target === undefined ? [] : [target]),
    ...flagWords('build-arg', stated.buildArgs),
    ...flagWords('build-context', stated.buildContexts),
    ...flagWords('platform', stated.platforms),
    ...flagWords('network', network === undefined ? [] : [network]),
    ...flagWords('secret', stated.secrets),
    ...flagWords('ssh', stated.ssh),
    ...(stated.noCache ? ['--no-cache'] : []),
    ...more,
    '--',
    context,
  ];
  return { name, build: toBuild(words, env, fileText) };
}
