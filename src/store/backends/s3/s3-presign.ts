import { rememberSignatures } from '../../../core/redact.ts';
import { urlOf, type SdkRequest } from './sdk-handler.ts';
import type { S3Connection } from './s3-session.ts';

const VALID_SECONDS = 15 * 60;

/** As the SDK's signer has it, which its types don't show: `RequestPresigner` of @smithy/types. */
interface Presigner {
  presign(
    request: SdkRequest,
    options: {
      readonly expiresIn: number;
      readonly signingDate: Date;
      readonly signingRegion?: string | undefined;
      readonly signingService?: string | undefined;
    },
  ): Promise<SdkRequest>;
}

/**
 * An address that is signed for reading this object, and nothing else, for 15 minutes or as long as the credentials last;
 * the plain one where requests aren't signed. Undefined for directory buckets, whose sessions sign otherwise.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 *
 * The SDK builds the request, since it knows how endpoint, bucket and region make an address, and its own signer signs
 * it: that is all that @aws-sdk/s3-request-presigner does. Nothing is sent.
 */
export async function presignedUrl(
  { sdk, client, http }: S3Connection,
  at: { readonly Bucket: string; readonly Key: string },
): Promise<URL | undefined> {
  const command = new sdk.GetObjectCommand(at);
  let url: URL | undefined;
  command.middlewareStack.add(
    (_next, context) => async (args) => {
      const scheme = context.endpointV2?.properties?.authSchemes?.[0];
      const signer = await client.config.signer(scheme);
      const request = unsigned(args.request as SdkRequest);
      if (!('presign' in signer)) url = urlOf(request);
      else if (!('s3ExpressIdentity' in context)) {
        const signed = await (signer as Presigner).presign(request, {
          expiresIn: VALID_SECONDS,
          // The SDK has learnt how far our clock is off.
          signingDate: new Date(Date.now() + client.config.systemClockOffset),
          signingRegion: scheme?.signingRegion,
          signingService: scheme?.signingName,
        });
        url = urlOf(signed);
      }
      return { response: undefined, output: { $metadata: {} } };
    },
    { step: 'build', priority: 'low', name: 'presign' },
  );
  await client.send(command, http);
  if (url) rememberSignatures(url);
  return url;
}

/** Whoever fetches it sends no header but the host's, and a body that isn't there needs no hash. */
function unsigned(request: SdkRequest): SdkRequest {
  const port = request.port === undefined ? '' : `:${request.port}`;
  const headers = { host: `${request.hostname}${port}`, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  return { ...request, headers };
}
