import { SlipwayError } from '../core/errors.ts';
import { readCsvFields } from '../dockerfile/csv.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Flags of buildx that slipway itself doesn't read, as buildctl's arguments: most are options of the Dockerfile
 * frontend. One without an equivalent is an error that names it.
 * Source: github.com/docker/buildx/blob/v0.38.2/build/opt.go#L354-L385 and #L613-L668
 */
export function planFrontendFlags(words: readonly string[], env: Env): readonly string[] {
  const flags = splitFlags(words);
  const of = (name: string): readonly string[] => flags.filter((flag) => flag.name === name).map(({ value }) => value);
  for (const { name } of flags) if (!KNOWN.has(name)) throw unsupportedFlag(name);
  const args = [...attestations(flags, env)];
  const option = (key: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') args.push('--opt', `${key}=${value}`);
  };
  for (const entitlement of of('--allow')) args.push('--allow', entitlement);
  option('add-hosts', of('--add-host').flatMap(readHost).join(','));
  option('cgroup-parent', of('--cgroup-parent').at(-1));
  option(
    'no-cache',
    of('--no-cache-filter')
      .flatMap((stages) => stages.split(','))
      .join(','),
  );
  option('shm-size', readBytes(of('--shm-size').at(-1)));
  option('ulimit', of('--ulimit').join(','));
  return [...args, ...planNetwork(of('--network').at(-1))];
}

/** The network that a build's flags name for its steps. */
export function networkOf(words: readonly string[]): string | undefined {
  return splitFlags(words).findLast(({ name }) => name === '--network')?.value;
}

/** buildctl's arguments for buildx's `--network`. */
export function planNetwork(network: string | undefined): readonly string[] {
  switch (network ?? '') {
    case 'host':
      return ['--opt', 'force-network-mode=host', '--allow', 'network.host'];
    case 'none':
      return ['--opt', 'force-network-mode=none'];
    case 'default':
    case '':
      return [];
    default:
      throw unsupportedFlag(`--network ${network}`);
  }
}

export function unsupportedFlag(
  flag: string,
  hint = 'leave it out, or build with docker buildx (`--engine buildx`)',
): SlipwayError {
  const name = flag.startsWith('-') ? `\`${flag}\`` : flag;
  return new SlipwayError('FLAG_UNSUPPORTED', `${name} has no equivalent under buildctl`, { hint });
}

const KNOWN = new Set(
  ['add-host allow attest cgroup-parent network no-cache-filter provenance sbom shm-size ulimit'].flatMap((line) =>
    line.split(' ').map((name) => `--${name}`),
  ),
);

interface Flag {
  readonly name: string;
  readonly value: string;
}

/** `--name value` or `--name=value`; a word that isn't known stands alone, since only its name is told. */
function splitFlags(words: readonly string[]): readonly Flag[] {
  const flags: Flag[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const at = word.indexOf('=');
    if (at >= 0) flags.push({ name: word.slice(0, at), value: word.slice(at + 1) });
    else if (KNOWN.has(word)) flags.push({ name: word, value: words[(index += 1)] ?? '' });
    else flags.push({ name: word, value: '' });
  }
  return flags;
}

/** As buildx: the last one of a type counts, and an image gets minimal provenance unless something was said of it. */
function attestations(flags: readonly Flag[], env: Env): readonly string[] {
  const chosen = new Map<string, string | undefined>();
  for (const kind of ['attest', 'provenance', 'sbom']) {
    for (const { name, value } of flags)
      if (name === `--${kind}` && value !== '') chosen.set(...readAttestation(kind, value));
  }
  const isOff = isTrue(env['BUILDX_NO_DEFAULT_ATTESTATIONS'] ?? '');
  if (!chosen.has('provenance') && !isOff) chosen.set('provenance', 'mode=min,inline-only=true');
  return [...chosen].flatMap(([type, value]) => (value === undefined ? [] : ['--opt', `attest:${type}=${value}`]));
}

function readAttestation(kind: string, value: string): [string, string | undefined] {
  const isSwitch = kind !== 'attest' && (isTrue(value) || isFalse(value));
  const text =
    kind === 'attest' ? value : isSwitch ? `type=${kind},disabled=${isFalse(value)}` : `type=${kind},${value}`;
  const fields = readCsvFields(text) ?? [];
  const type = fields.find((field) => field.startsWith('type='))?.slice('type='.length);
  if (type === undefined)
    throw new SlipwayError('USAGE', `\`--attest ${value}\` has no type`, { hint: 'write `--attest type=sbom`' });
  const rest = fields.filter((field) => !/^(type|disabled)=/.test(field));
  const isDisabled = fields.some((field) => field.startsWith('disabled=') && isTrue(field.slice('disabled='.length)));
  return [type, isDisabled ? undefined : rest.join(',')];
}

function readHost(text: string): readonly string[] {
  const match = /^([^=:]+)[=:](.+)$/.exec(text);
  const addresses = (match?.[2] ?? '').split(',').map((address) => address.replace(/^\[(.+)\]$/, '$1'));
  if (match === null || addresses.some((address) => !/^[0-9a-fA-F.:]+$/.test(address)))
    throw unsupportedFlag(`--add-host ${text}`);
  return addresses.map((address) => `${match[1]}=${address}`);
}

/** `64m`, `1g`, `65536`. */
function readBytes(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text);
  if (match === null)
    throw new SlipwayError('USAGE', `\`--shm-size ${text}\` is no size`, { hint: 'write `--shm-size 64m`' });
  return String(
    Math.floor(Number(match[1]) * 1024 ** ['', 'k', 'm', 'g', 't', 'p'].indexOf((match[2] ?? '').toLowerCase())),
  );
}

/** Go's strconv.ParseBool. */
function isTrue(value: string): boolean {
  return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value);
}

function isFalse(value: string): boolean {
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value);
}
