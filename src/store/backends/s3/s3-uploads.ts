import { answerOf, type S3Place } from './s3-error.ts';
import type { S3Session } from './s3-session.ts';

export interface RemoveUploadOptions {
  readonly session: S3Session;
  readonly place: S3Place;
  readonly upload: { readonly key: string; readonly id: string };
  readonly signal: AbortSignal | undefined;
}

/** Removing one that is gone is a success. */
export async function removeUpload({ session, place, upload, signal }: RemoveUploadOptions): Promise<void> {
  const call = { what: `give up the upload of \`${upload.key}\``, permission: 's3:AbortMultipartUpload', signal };
  await session(call, async ({ sdk, client, http }) => {
    const command = { Bucket: place.bucket, Key: upload.key, UploadId: upload.id };
    try {
      await client.send(new sdk.AbortMultipartUploadCommand(command), http);
    } catch (error) {
      if (answerOf(error)?.name !== 'NoSuchUpload') throw error;
    }
  });
}

export interface UnfinishedUpload {
  readonly key: string;
  readonly id: string;
  /** Milliseconds since the epoch by the service's clock. */
  readonly startedAtMs: number;
}

export interface ListUploadsOptions {
  readonly session: S3Session;
  readonly place: S3Place;
  readonly prefix: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Only those below the prefix; one whose start isn't told counts as of now. Services without an upload may say 404
 * (gofakes3), and such as don't list them at all 501: they look after that themselves.
 */
export async function* listUploads(options: ListUploadsOptions): AsyncGenerator<UnfinishedUpload> {
  const { session, place, prefix, signal } = options;
  const call = { what: 'list unfinished uploads', permission: 's3:ListBucketMultipartUploads', signal };
  let from: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } = {};
  for (;;) {
    const page = await session(call, async ({ sdk, client, http }) => {
      try {
        return await client.send(
          new sdk.ListMultipartUploadsCommand({ Bucket: place.bucket, Prefix: prefix, ...from }),
          http,
        );
      } catch (error) {
        const answer = answerOf(error);
        if (answer?.name === 'NoSuchUpload' || answer?.status === 501) return undefined;
        throw error;
      }
    });
    if (!page) return;
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key === undefined || UploadId === undefined || !Key.startsWith(prefix)) continue;
      yield { key: Key, id: UploadId, startedAtMs: Initiated?.getTime() ?? Number.POSITIVE_INFINITY };
    }
    if (page.IsTruncated !== true || page.NextKeyMarker === undefined || page.NextKeyMarker === from.KeyMarker) return;
    from = {
      KeyMarker: page.NextKeyMarker,
      ...(page.NextUploadIdMarker !== undefined && { UploadIdMarker: page.NextUploadIdMarker }),
    };
  }
}
