import { invalid, type SpecFields } from './fields.ts';

/** `endpoint_url=`, for a service that isn't the vendor's own: an address without credentials, query and last slash. */
export function readEndpointUrl({ text, fields }: SpecFields, example: string): string | undefined {
  const endpoint = fields.get('endpoint_url') ?? '';
  if (endpoint === '') return undefined;
  const hint = `Write it as in \`endpoint_url=${example}\`.`;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw invalid(text, 'has an endpoint_url that is no http or https address', hint);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(text, 'has a user name or password in its endpoint_url', hint);
  }
  if (url.search !== '' || url.hash !== '') throw invalid(text, 'has an endpoint_url with `?` or `#`', hint);
  return url.href.replace(/\/+$/, '');
}
