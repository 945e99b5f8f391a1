import { invalid, type SpecFields } from './fields.ts';
import { shownText } from './shown-text.ts';

const ADDRESS = /^([a-z][a-z0-9+.-]*):(.*)$/is;
const PATH = /^(?:\/|\.{1,2}(?:\/|$))/;
const HINT =
  'Write `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX`, `oci://HOST/REPOSITORY`, `file:DIR`, a path that begins with `/` or `./`, or `type=…,key=value`.';

/** What to write instead of schemes that come to mind. */
const NEIGHBOURS: ReadonlyMap<string, string> = new Map([
  [
    'http',
    'Write `oci://HOST/REPOSITORY?insecure=true` for a registry, or `s3://BUCKET/PREFIX?endpoint_url=http://HOST`.',
  ],
  ['https', 'Write `oci://HOST/REPOSITORY` for a registry, or `s3://BUCKET/PREFIX?endpoint_url=https://HOST`.'],
  ['docker', 'Write `oci://HOST/REPOSITORY`.'],
  ['registry', 'Write `oci://HOST/REPOSITORY`.'],
  ['gcs', 'Write `gs://BUCKET/PREFIX`.'],
  ['local', 'Write `file:DIR`.'],
  ['dir', 'Write `file:DIR`.'],
]);

/** A part of an address: what comes before `?`, with the fields that stand behind it. */
interface Address {
  readonly text: string;
  readonly rest: string;
  readonly query: ReadonlyMap<string, string>;
}

/**
 * The fields of a store that is written as an address or a path; undefined for what is written as `type=…`. What stands
 * behind `?` are more fields: `s3://bucket/ci?region=eu-central-1&timeout=5s`.
 */
export function readShorthand(text: string): SpecFields | undefined {
  if (PATH.test(text)) return readPath(text);
  const match = ADDRESS.exec(text);
  // `type=registry,ref=localhost:5000/app` has its colon behind a `=`.
  if (!match) return text.startsWith('~') ? refuseTilde(text) : undefined;
  const scheme = match[1]!.toLowerCase();
  const read = SCHEMES.get(scheme);
  const shown = shownText(text);
  if (!read)
    throw invalid(shown, `begins with \`${scheme}:\`, which is no kind of store`, NEIGHBOURS.get(scheme) ?? HINT);
  const fields = read(splitAddress(shown, match[2]!));
  return { text: shown, fields };
}

const SCHEMES: ReadonlyMap<string, (address: Address) => ReadonlyMap<string, string>> = new Map([
  ['s3', (address: Address) => readBucket(address, 's3', 's3://BUCKET/PREFIX')],
  ['gs', (address: Address) => readBucket(address, 'gcs', 'gs://BUCKET/PREFIX')],
  ['oci', readRegistry],
  ['file', readFile],
]);

function readPath(text: string): SpecFields {
  // `/a,timeout=5s` could be meant either way.
  if (text.includes(',')) {
    throw invalid(
      shownText(text),
      'is a path with a comma',
      'Write `file:DIR?key=value`, or `"type=local","dest=/a,b"`.',
    );
  }
  return {
    text,
    fields: new Map([
      ['type', 'local'],
      ['dest', text],
    ]),
  };
}

function refuseTilde(text: string): never {
  throw invalid(shownText(text), 'begins with `~`, which only a shell knows', 'Write the whole path: `/home/…`.');
}

function readBucket(address: Address, type: string, example: string): ReadonlyMap<string, string> {
  const { bucket, prefix } = /^\/\/(?<bucket>[^/]*)\/?(?<prefix>.*)$/s.exec(address.rest)?.groups ?? {};
  if (bucket === undefined || prefix === undefined) throw invalid(address.text, 'has no `//`', `Write \`${example}\`.`);
  return withQuery(address, [
    ['type', type],
    ['bucket', bucket],
    ['prefix', decode(address.text, prefix)],
  ]);
}

function readRegistry(address: Address): ReadonlyMap<string, string> {
  const example = 'Write `oci://HOST/REPOSITORY`, such as `oci://docker.io/team/cache`.';
  const ref = /^\/\/(.*)$/s.exec(address.rest)?.[1];
  if (ref === undefined) throw invalid(address.text, 'has no `//`', example);
  // As an image name `team/app` would be on Docker Hub; here the first part is a host.
  if (!/^(?:localhost|[^/]*[.:][^/]*)\/./.test(ref)) throw invalid(address.text, 'does not begin with a host', example);
  return withQuery(address, [
    ['type', 'registry'],
    ['ref', ref],
  ]);
}

function readFile(address: Address): ReadonlyMap<string, string> {
  const path = address.rest.replace(/^\/\/(?:localhost)?(?=\/)/, '');
  if (path.startsWith('//')) {
    throw invalid(
      address.text,
      'names a host',
      'Write `file:///abs/path`, or `file:rel/path` for one below this directory.',
    );
  }
  return withQuery(address, [
    ['type', 'local'],
    ['dest', decode(address.text, path)],
  ]);
}

function splitAddress(text: string, behindScheme: string): Address {
  if (behindScheme.includes('#')) throw invalid(text, 'has a `#`', 'Write `%23` for it.');
  const mark = behindScheme.indexOf('?');
  const rest = mark < 0 ? behindScheme : behindScheme.slice(0, mark);
  if (/^\/\/[^/]*@/.test(rest)) {
    throw invalid(
      text,
      'has a user name or password in it',
      'Take it out: credentials come from the environment or a login.',
    );
  }
  if (rest.includes(',')) throw invalid(text, 'has a comma', 'More fields go behind `?`, as in `…?timeout=5s`.');
  const query = new Map<string, string>();
  for (const pair of mark < 0 ? [] : behindScheme.slice(mark + 1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (equals < 1)
      throw invalid(text, 'has a part behind `?` that is not `key=value`', 'Write `…?key=value&key=value`.');
    const key = pair.slice(0, equals).toLowerCase();
    if (query.has(key)) throw invalid(text, `has \`${key}=\` twice`, 'Write it once.');
    query.set(key, decode(text, pair.slice(equals + 1)));
  }
  return { text, rest, query };
}

function withQuery({ text, query }: Address, own: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const twice = own.find(([key]) => query.has(key));
  if (twice) throw invalid(text, `says \`${twice[0]}=\` again behind \`?\``, 'The address says it already.');
  return new Map([...own, ...query]);
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(text, 'has a `%` that is no escape', 'Write `%25` for a percent sign.');
  }
}
