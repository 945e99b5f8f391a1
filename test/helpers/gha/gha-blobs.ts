import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** The half of the service where the bytes are, as Azure Blob Storage (and its emulator) answers to signed addresses. */
export interface GhaBlobs {
  readonly contents: ReadonlyMap<string, Buffer>;
  signedUrl(origin: string, blob: string, permission: 'r' | 'w'): string;
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  remove(blob: string): void;
}

export interface GhaBlobsOptions {
  readonly now: () => number;
  /** How long a signed address is valid. */
  readonly lifetimeMs: () => number;
}

export const BLOBS_PATH = '/devstoreaccount1/actions-cache/';

export function createGhaBlobs({ now, lifetimeMs }: GhaBlobsOptions): GhaBlobs {
  const secret = randomBytes(32);
  const contents = new Map<string, Buffer>();
  const blocks = new Map<string, Map<string, Buffer>>();
  // As in Azure, base64: `+`, `/` and `=` must survive every client's handling of the query.
  const sign = (blob: string, permission: string, expiry: string): string =>
    createHmac('sha256', secret).update(`${blob}\n${permission}\n${expiry}`).digest('base64');

  const isSigned = (blob: string, query: URLSearchParams, permission: string): boolean => {
    const expiry = query.get('se') ?? '';
    const isRight = query.get('sig') === sign(blob, query.get('sp') ?? '', expiry);
    return isRight && (query.get('sp') ?? '') === permission && Date.parse(expiry) > now();
  };

  const put = async (blob: string, query: URLSearchParams, request: IncomingMessage): Promise<Outcome> => {
    const { headers } = request;
    if (headers['content-length'] === undefined) return failure(411, 'MissingContentLengthHeader');
    // A body that breaks off throws here, and nothing is kept.
    const body = await buffer(request);
    const block = query.get('blockid');
    switch (query.get('comp')) {
      case null:
        if (headers['x-ms-blob-type'] !== 'BlockBlob') return failure(400, 'MissingRequiredHeader');
        contents.set(blob, body);
        blocks.delete(blob);
        return { status: 201 };
      case 'block':
        if (block === null || body.byteLength === 0) return failure(400, 'InvalidQueryParameterValue');
        blocks.set(blob, (blocks.get(blob) ?? new Map<string, Buffer>()).set(block, body));
        return { status: 201 };
      case 'blocklist': {
        const staged = blocks.get(blob);
        const ids = [...body.toString().matchAll(/<(?:Latest|Uncommitted)>([^<]*)</g)].map((match) => match[1]!);
        const parts = ids.map((id) => staged?.get(id));
        if (parts.includes(undefined)) return failure(400, 'InvalidBlockList');
        contents.set(blob, Buffer.concat(parts as Buffer[]));
        blocks.delete(blob);
        return { status: 201 };
      }
      default:
        return failure(400, 'InvalidQueryParameterValue');
    }
  };

  const get = (blob: string, request: IncomingMessage): Outcome => {
    const body = contents.get(blob);
    if (!body) return failure(404, 'BlobNotFound');
    const range = /^bytes=(\d+)-(\d*)$/.exec(String(request.headers['x-ms-range'] ?? request.headers['range'] ?? ''));
    if (!range) return { status: 200, body };
    const start = Number(range[1]);
    if (start >= body.byteLength) return failure(416, 'InvalidRange');
    const end = range[2] === '' ? body.byteLength - 1 : Math.min(Number(range[2]), body.byteLength - 1);
    const headers = { 'content-range': `bytes ${start}-${end}/${body.byteLength}` };
    return { status: 206, headers, body: body.subarray(start, end + 1) };
  };

  return {
    contents,
    remove: (blob) => void contents.delete(blob),
    signedUrl(origin, blob, permission) {
      const expiry = new Date(now() + lifetimeMs()).toISOString();
      const sig = sign(blob, permission, expiry);
      const query = new URLSearchParams({ sv: '2025-11-05', sr: 'b', sp: permission, se: expiry, sig });
      return `${origin}${BLOBS_PATH}${blob}?${query.toString()}`;
    },
    async serve(request, response) {
      const url = new URL(request.url ?? '', 'http://service');
      const blob = url.pathname.slice(BLOBS_PATH.length);
      const isWrite = request.method === 'PUT';
      const isAllowed = isSigned(blob, url.searchParams, isWrite ? 'w' : 'r');
      const outcome = !isAllowed
        ? failure(403, 'AuthenticationFailed')
        : isWrite
          ? await put(blob, url.searchParams, request)
          : get(blob, request);
      if (!isAllowed) request.resume();
      answer(request, response, outcome);
    },
  };
}

interface Outcome {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** https://learn.microsoft.com/en-us/rest/api/storageservices/status-and-error-codes2 */
function failure(status: number, code: string): Outcome {
  const text = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml', 'x-ms-error-code': code }, body: Buffer.from(text) };
}

function answer(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Outcome): void {
  response.writeHead(status, {
    'content-type': 'application/octet-stream',
    'content-length': body?.byteLength ?? 0,
    'accept-ranges': 'bytes',
    'x-ms-blob-type': 'BlockBlob',
    'x-ms-version': '2025-11-05',
    'x-ms-request-id': '00000000-0000-0000-0000-000000000000',
    etag: '"0x8D"',
    'last-modified': new Date(0).toUTCString(),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
