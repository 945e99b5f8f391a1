import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { digestOf } from '../../../core/digest.ts';
import { SlipwayError } from '../../../core/errors.ts';
import type { ReadBlobOptions } from '../../port.ts';
import { abortable } from '../../streams.ts';
import type { Bucket, ObjectBody } from '../object/bucket.ts';
import { answerOf, brokenOff, isMissing, type S3Place } from './s3-error.ts';
import { listPages } from './s3-list.ts';
import { presignedUrl } from './s3-presign.ts';
import type { S3Session } from './s3-session.ts';
import { listUploads, removeUpload } from './s3-uploads.ts';
import { writeInParts, writeWhole } from './s3-write.ts';

export interface S3BucketOptions {
  readonly session: S3Session;
  readonly place: S3Place;
  readonly prefix?: string;
  readonly nowMs: () => number;
  /** Objects above this are sent in parts. */
  readonly maxWholeBytes?: number;
  /** Each part is held in memory once. */
  readonly partBytes?: number;
}

const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
/** At least 5 MiB: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const PART_BYTES = 8 * 1024 * 1024;
/** Written on the condition that it isn't there. See `docs/formats/store-layout.md`. */
const PROBE_KEY = 'conditional-writes';
const PROBE: ObjectBody = {
  sizeBytes: 0,
  mediaType: 'application/octet-stream',
  digest: digestOf(''),
  async *open() {},
};

/** A bucket of S3, or of a service that is like it, as a home for objects. */
export function openS3Bucket(options: S3BucketOptions): Bucket {
  const { session, place, nowMs, maxWholeBytes = MAX_WHOLE_BYTES, partBytes = PART_BYTES } = options;
  const base = options.prefix === undefined ? '' : `${options.prefix}/`;
  const at = (key: string): { Bucket: string; Key: string } => ({ Bucket: place.bucket, Key: base + key });

  const bucket: Bucket = {
    description: place.description,
    find(key, { signal } = {}) {
      const call = { what: `look for \`${key}\``, permission: 's3:GetObject', signal };
      return session(call, async ({ sdk, client, http }) => {
        const found = await orMissing(client.send(new sdk.HeadObjectCommand(at(key)), http));
        return found && { key, sizeBytes: found.ContentLength ?? -1, writtenAtMs: found.LastModified?.getTime() ?? 0 };
      });
    },
    async open(key, { offset = 0, signal }: ReadBlobOptions = {}) {
      const call = { what: `read \`${key}\``, permission: 's3:GetObject', signal };
      const range = offset > 0 ? { Range: `bytes=${offset}-` } : {};
      try {
        const found = await session(call, ({ sdk, client, http }) =>
          orMissing(client.send(new sdk.GetObjectCommand({ ...at(key), ...range }), http)),
        );
        return found && { offset: startOf(found, offset, place), body: readBody(found, place, signal) };
      } catch (error) {
        // The start is behind the end.
        if (answerOf(error)?.status === 416) return { offset, body: (async function* () {})() };
        throw error;
      }
    },
    async locate(key, { signal } = {}) {
      const call = { what: `sign an address of \`${key}\``, permission: 's3:GetObject', signal };
      const url = await session(call, (connection) => presignedUrl(connection, at(key)));
      return url && { url: url.href, headers: {} };
    },
    async write(key, body, writeOptions) {
      const write = { ...writeOptions, session, place, key: base + key };
      try {
        if (body.sizeBytes <= maxWholeBytes) await writeWhole(body, write);
        else await writeInParts(body, { ...write, partBytes });
        return 'written';
      } catch (error) {
        if (writeOptions.onlyIfAbsent && answerOf(error)?.status === 412) return 'exists';
        throw error;
      }
    },
    async *list(prefix, { signal } = {}) {
      for await (const page of listPages({ session, place, prefix: base + prefix, signal })) {
        for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
          yield { key: Key.slice(base.length), sizeBytes: Size, writtenAtMs: LastModified?.getTime() ?? 0 };
        }
      }
    },
    async *listFolders(prefix, { signal } = {}) {
      const full = base + prefix;
      for await (const page of listPages({ session, place, prefix: full, delimiter: '/', signal })) {
        for (const { Prefix = '' } of page.CommonPrefixes ?? []) yield Prefix.slice(full.length, -1);
      }
    },
    async remove(key, { signal } = {}) {
      const call = { what: `delete \`${key}\``, permission: 's3:DeleteObject', signal };
      await session(call, ({ sdk, client, http }) =>
        orMissing(client.send(new sdk.DeleteObjectCommand(at(key)), http)),
      );
    },
    async removeStaleUploads(olderThanMs, { signal } = {}) {
      // Our clock will do: S3 refuses those that are more than 15 minutes off.
      const before = nowMs() - olderThanMs;
      let removed = 0;
      for await (const upload of listUploads({ session, place, prefix: base, signal })) {
        if (upload.startedAtMs >= before) continue;
        await removeUpload({ session, place, upload, signal });
        removed += 1;
      }
      return removed;
    },
    async isConditional(callOptions) {
      try {
        const write = { ...callOptions, onlyIfAbsent: true };
        const first = await bucket.write(PROBE_KEY, PROBE, write);
        return first === 'exists' || (await bucket.write(PROBE_KEY, PROBE, write)) === 'exists';
      } catch (error) {
        // Some refuse what they haven't got instead of ignoring it.
        if (answerOf(error)?.status === 501) return false;
        throw error;
      }
    },
  };
  return bucket;
}

async function orMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A service may answer a range with the whole, but with no other range. */
function startOf({ ContentRange }: GetObjectCommandOutput, wanted: number, place: S3Place): number {
  const start = /^bytes (\d+)-/.exec(ContentRange ?? '')?.[1];
  if (start === undefined) return 0;
  if (Number(start) === wanted) return wanted;
  throw new SlipwayError('STORE_FAILED', `\`${place.description}\` answered with another range than asked for`);
}

async function* readBody(
  { Body }: GetObjectCommandOutput,
  place: S3Place,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (!Body) return;
  try {
    yield* abortable(Body as AsyncIterable<Uint8Array>, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw brokenOff(place, error);
  }
}
