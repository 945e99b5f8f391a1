import type { IncomingMessage } from 'node:http';

/** The requests that saving to S3 and restoring from it are made of. */
export type S3RequestKind =
  | 'blob-head'
  | 'blob-get'
  | 'blob-put'
  | 'snapshot-head'
  | 'snapshot-get'
  | 'snapshot-put'
  | 'list'
  | 'probe'
  | 'parts-start'
  | 'part-put'
  | 'parts-join'
  | 'parts-abort'
  | 'other';

export function s3KindOf(request: IncomingMessage): S3RequestKind {
  const { method, url = '' } = request;
  const { pathname, searchParams } = new URL(url, 'http://s3');
  if (searchParams.has('list-type')) return 'list';
  if (searchParams.has('uploads')) return method === 'POST' ? 'parts-start' : 'other';
  if (searchParams.has('uploadId')) {
    return method === 'PUT' ? 'part-put' : method === 'POST' ? 'parts-join' : 'parts-abort';
  }
  if (pathname.endsWith('/conditional-writes')) return 'probe';
  const thing = pathname.includes('/blobs/sha256/')
    ? 'blob'
    : pathname.includes('/snapshots/')
      ? 'snapshot'
      : undefined;
  if (thing === undefined) return 'other';
  return method === 'HEAD'
    ? `${thing}-head`
    : method === 'GET'
      ? `${thing}-get`
      : method === 'PUT'
        ? `${thing}-put`
        : 'other';
}

/** S3's error document. */
export function s3Error(code: string, message: string = code, more: string = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`;
}
