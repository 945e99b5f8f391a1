import type { CompletedPart } from '@aws-sdk/client-s3';
import { hexOf } from '../../../core/digest.ts';
import { SlipwayError } from '../../../core/errors.ts';
import { abortable } from '../../streams.ts';
import type { ObjectBody, WriteObjectOptions } from '../object/bucket.ts';
import type { S3Place } from './s3-error.ts';
import type { S3Session } from './s3-session.ts';
import { removeUpload, type RemoveUploadOptions } from './s3-uploads.ts';

export interface S3WriteOptions extends WriteObjectOptions {
  readonly session: S3Session;
  readonly place: S3Place;
  /** With the prefix. */
  readonly key: string;
}

const MAX_PARTS = 10_000;
/** What a failed upload may still cost until its parts are given up; what stays then goes with the next clean-up. */
const GIVE_UP_MS = 2000;

/** One request. A cut one leaves nothing, since the length was told before. */
export async function writeWhole(body: ObjectBody, options: S3WriteOptions): Promise<void> {
  const { session, place, key, signal, onlyIfAbsent } = options;
  await session({ what: `write \`${key}\``, permission: 's3:PutObject', signal }, async ({ sdk, client, http }) => {
    const command = new sdk.PutObjectCommand({
      Bucket: place.bucket,
      Key: key,
      ContentLength: body.sizeBytes,
      ContentType: body.mediaType,
      // The type wants a stream of Node's; our handler takes any source.
      Body: abortable(body.open(), signal) as never,
      ...(onlyIfAbsent && { IfNoneMatch: '*' }),
    });
    const { digest } = body;
    if (digest !== undefined) {
      // Part of the signature: the service refuses bytes that have another hash.
      command.middlewareStack.add(
        (next) => (args) => {
          (args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256'] = hexOf(digest);
          return next(args);
        },
        { step: 'build', name: 'knownHash' },
      );
    }
    const { ETag } = await client.send(command, http);
    // S3 names what it took: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html#API_PutObject_ResponseElements
    if (ETag === undefined) {
      throw new SlipwayError('STORE_FAILED', `\`${place.description}\` did not say that it took \`${key}\``, {
        hint: 'Check `endpoint_url=`; a proxy may be answering in its place.',
      });
    }
  });
}

export interface S3PartsOptions extends S3WriteOptions {
  readonly partBytes: number;
}

/**
 * Sends an object in parts, one after the other. It is visible only when the last call has joined them; when anything goes
 * wrong before, the parts are removed.
 */
export async function writeInParts(body: ObjectBody, options: S3PartsOptions): Promise<void> {
  const { session, place, key, signal, onlyIfAbsent } = options;
  const call = { what: `write \`${key}\``, permission: 's3:PutObject', signal };
  const object = { Bucket: place.bucket, Key: key };
  const started = await session(call, ({ sdk, client, http }) =>
    client.send(new sdk.CreateMultipartUploadCommand({ ...object, ContentType: body.mediaType }), http),
  );
  const upload = { ...object, UploadId: started.UploadId };
  try {
    const Parts: CompletedPart[] = [];
    for await (const part of inParts(abortable(body.open(), signal), partSize(body, options.partBytes))) {
      const PartNumber = Parts.length + 1;
      const { ETag } = await session(call, ({ sdk, client, http }) =>
        client.send(new sdk.UploadPartCommand({ ...upload, PartNumber, Body: part }), http),
      );
      Parts.push({ PartNumber, ETag });
    }
    await session(call, ({ sdk, client, http }) =>
      client.send(
        new sdk.CompleteMultipartUploadCommand({
          ...upload,
          MultipartUpload: { Parts },
          ...(onlyIfAbsent && { IfNoneMatch: '*' }),
        }),
        http,
      ),
    );
  } catch (error) {
    await giveUp({ session, place, upload: { key, id: started.UploadId ?? '' } });
    throw error;
  }
}

/** The failure that led here is what is told; this one changes nothing about it. */
async function giveUp(options: Omit<RemoveUploadOptions, 'signal'>): Promise<void> {
  try {
    await removeUpload({ ...options, signal: AbortSignal.timeout(GIVE_UP_MS) });
  } catch {
    // `deleteStaleUploads` finds it.
  }
}

function partSize(body: ObjectBody, partBytes: number): number {
  return Math.max(partBytes, Math.ceil(body.sizeBytes / MAX_PARTS));
}

/** Pieces of exactly this size, the last one shorter. */
async function* inParts(source: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Uint8Array> {
  let part = Buffer.allocUnsafe(partBytes);
  let size = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.byteLength; ) {
      const taken = Math.min(chunk.byteLength - at, partBytes - size);
      part.set(chunk.subarray(at, at + taken), size);
      at += taken;
      size += taken;
      if (size < partBytes) continue;
      yield part;
      part = Buffer.allocUnsafe(partBytes);
      size = 0;
    }
  }
  if (size > 0) yield part.subarray(0, size);
}
