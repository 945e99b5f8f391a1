import { rememberSecret } from '../../core/redact.ts';
import { checkKeys, type CommonSpec, invalid, readCommon, type SpecKind } from './fields.ts';

export interface GhaStoreSpec extends CommonSpec {
  readonly type: 'gha';
  /** What `scope=` said: a part of the repository's cache that others don't see. */
  readonly namespace?: string;
  /** Of the service; undefined for that of the job. */
  readonly url?: string;
  /** Undefined for that of the job. A secret. */
  readonly token?: string;
}

const ONLY_VERSION_2 = 'slipway speaks version 2 of the cache service; its address is `url_v2=…`, or that of the job.';

/**
 * The keys of BuildKit's `type=gha`, as far as they mean something here.
 * https://github.com/moby/buildkit/blob/v0.33.1/cache/remotecache/gha/gha.go#L41-L123
 */
export const GHA: SpecKind<GhaStoreSpec> = {
  example: 'type=gha',
  parse(spec) {
    const { text, fields } = spec;
    rememberSecret(fields.get('token'));
    if (fields.has('url')) throw invalid(text, 'has `url=`, which is for version 1', ONLY_VERSION_2);
    checkKeys(spec, ['scope', 'url_v2', 'token', 'version']);
    const version = fields.get('version');
    if (version !== undefined && version !== '2') throw invalid(text, `has \`version=${version}\``, ONLY_VERSION_2);
    const [namespace, url, token] = ['scope', 'url_v2', 'token'].map((key) => {
      const value = fields.get(key);
      if (value === '') throw invalid(text, `has an empty \`${key}=\``, `Leave it out, or write \`${key}=…\`.`);
      return value;
    });
    if (url !== undefined) checkUrl(text, url);
    return {
      type: 'gha',
      ...(namespace !== undefined && { namespace }),
      ...(url !== undefined && { url }),
      ...(token !== undefined && { token }),
      ...readCommon(spec),
    };
  },
  format: ({ namespace, url }) => [
    ...(namespace === undefined ? [] : [`scope=${namespace}`]),
    ...(url === undefined ? [] : [`url_v2=${url}`]),
  ],
};

function checkUrl(text: string, url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isHttp = parsed?.protocol === 'https:' || parsed?.protocol === 'http:';
  if (!parsed || !isHttp) throw invalid(text, 'has a `url_v2=` that is no address', 'Write `url_v2=https://…`.');
  if (parsed.username !== '' || parsed.password !== '') {
    throw invalid(text, 'has credentials in `url_v2=`', 'Leave them out; the token is `token=…`, or that of the job.');
  }
}
