import { invalid, type SpecFields } from './fields.ts';

export interface EndpointUrlOptions {
  /** An address of that kind, for messages. */
  readonly example: string;
  /** Where credentials belong instead. */
  readonly credentialsHint: string;
}

/** `endpoint_url=`, for a service that isn't the vendor's own: an address without credentials, query and last slash. */
export function readEndpointUrl({ text, fields }: SpecFields, options: EndpointUrlOptions): string | undefined {
  const endpoint = fields.get('endpoint_url') ?? '';
  if (endpoint === '') return undefined;
  const hint = `Write it as in \`endpoint_url=${options.example}\`.`;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw invalid(text, 'has an endpoint_url that is no http or https address', hint);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(text, 'has a user name or password in its endpoint_url', options.credentialsHint);
  }
  if (url.search !== '' || url.hash !== '') throw invalid(text, 'has an endpoint_url with `?` or `#`', hint);
  return url.href.replace(/\/+$/, '');
}
