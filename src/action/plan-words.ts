import type { ImageInput, Inputs } from './inputs.ts';

/** What `slipway config show` says of a run, as far as it decides flags. */
export interface RunSettings {
  readonly isStoreChosen: boolean;
  readonly isEngineChosen: boolean;
}

/** The command line for one image. Values stand behind `=`, so that one that begins with a dash stays a value. */
export function planWords(
  verb: 'restore' | 'save',
  image: ImageInput,
  {
    inputs,
    settings,
    env,
  }: { readonly inputs: Inputs; readonly settings: RunSettings; readonly env: EngineEnvironment },
): readonly string[] {
  return [
    verb,
    '--format=json',
    ...storeWords(inputs, settings),
    ...optionWords(inputs),
    ...(settings.isEngineChosen ? [] : engineWords(env)),
    ...flags('builder', inputs.builder),
    ...flags('file', image.file),
    ...flags('target', image.target),
    ...flags('platform', image.platforms.length > 0 ? image.platforms.join(',') : undefined),
    ...flags('build-arg', image.buildArgs),
    ...flags('build-context', image.buildContexts),
    '--',
    image.context,
  ];
}

/** The command line of a prefetch, which knows of no image and no builder. */
export function planPrefetch(inputs: Inputs, settings: RunSettings): readonly string[] {
  return ['prefetch', ...storeWords(inputs, settings), ...optionWords(inputs)];
}

function storeWords({ stores }: Inputs, { isStoreChosen }: RunSettings): readonly string[] {
  return flags('store', stores.length > 0 || isStoreChosen ? stores : ['type=gha']);
}

/** The options that decide who may write and what is believed: those that `slipway config show` is asked with too. */
export function optionWords({ scope, mode, trust, trustedKeys }: Inputs): readonly string[] {
  return [
    ...flags('scope', scope),
    ...(mode === 'auto' ? [] : [`--read-only=${String(mode === 'read-only')}`]),
    ...flags('trust', trust),
    ...flags('trusted-keys', trustedKeys),
  ];
}

type EngineEnvironment = Readonly<Record<string, string | undefined>>;

/** A buildkitd that slipway started itself would have none of the mounts of the build that follows. */
function engineWords(env: EngineEnvironment): readonly string[] {
  return (env['BUILDKIT_HOST'] ?? '') === '' ? ['--engine=buildx'] : [];
}

function flags(name: string, value: string | readonly string[] | undefined): readonly string[] {
  const values = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  return values.map((each) => `--${name}=${each}`);
}

/** How an image is called in messages and tables: by its Dockerfile, and by its target where it has one. */
export function nameOf({ name, context, file, target }: ImageInput): string {
  if (name !== undefined) return name;
  const place = file ?? (context === '.' ? 'Dockerfile' : `${context.replace(/\/$/, '')}/Dockerfile`);
  return target === undefined ? place : `${place}, target ${target}`;
}
