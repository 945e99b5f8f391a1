import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { SlipwayError } from '../../../core/errors.ts';
import type { S3Place } from './s3-error.ts';
import type { S3Session } from './s3-session.ts';

export interface ListPagesOptions {
  readonly session: S3Session;
  readonly place: S3Place;
  readonly prefix: string;
  /** Keys that go on behind the next one of these are put together. */
  readonly delimiter?: string;
  readonly signal: AbortSignal | undefined;
}

/** What is below a prefix, by up to 1,000 keys at a time. */
export async function* listPages(options: ListPagesOptions): AsyncGenerator<ListObjectsV2CommandOutput> {
  const { session, place, prefix, delimiter, signal } = options;
  const call = { what: 'list its objects', permission: 's3:ListBucket', signal };
  const asked = { Bucket: place.bucket, Prefix: prefix, ...(delimiter !== undefined && { Delimiter: delimiter }) };
  for (let token: string | undefined; ; ) {
    const from = token === undefined ? {} : { ContinuationToken: token };
    const page = await session(call, ({ sdk, client, http }) =>
      client.send(new sdk.ListObjectsV2Command({ ...asked, ...from }), http),
    );
    yield page;
    const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    if (next === undefined) return;
    if (next === token) throw new SlipwayError('STORE_FAILED', `\`${place.description}\` lists one page for ever`);
    token = next;
  }
}
