import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface GcsFrontOptions {
  /** The server behind. */
  readonly endpoint: string;
  /** Says whether a token is good; without it nobody needs one. */
  readonly isToken?: (token: string | undefined) => boolean;
}

export interface SeenGcsRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly contentRange: string | undefined;
}

export interface GcsFront {
  readonly endpoint: string;
  readonly seen: readonly SeenGcsRequest[];
  /**
   * After how many bytes the n-th (from 0) body that is sent to a session breaks off; `answer` takes all of it and breaks
   * before it says so. Undefined lets it through.
   */
  breakUploads(at: (nth: number) => BreakingPoint): void;
  /** Forgets every upload session, as Google does after a week. */
  forgetSessions(): void;
  /** Bytes that unfinished sessions hold. */
  unfinished(): readonly number[];
  stop(): Promise<void>;
}

export type BreakingPoint = number | 'answer' | undefined;

interface Session {
  /** The query of the request that began it. */
  readonly query: URLSearchParams;
  readonly bucketPath: string;
  readonly mediaType: string;
  readonly bytes: Buffer[];
  /** The answer that ended it. */
  done?: Response;
}

/** A broken request leaves a multiple of this: https://cloud.google.com/storage/docs/performing-resumable-uploads */
const UNIT_BYTES = 256 * 1024;

/**
 * Stands before fake-gcs-server and does what that lacks: tokens, uploads that hold up nobody while they come in, and upload
 * sessions as Google describes them, which say how far they came and go on from there.
 */
export async function startGcsFront(options: GcsFrontOptions): Promise<GcsFront> {
  const seen: SeenGcsRequest[] = [];
  const sessions = new Map<string, Session>();
  let breakAt: (nth: number) => BreakingPoint = () => undefined;
  let bodies = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const { authorization, 'content-range': contentRange } = request.headers;
    const method = request.method ?? '';
    seen.push({ method, path: url.pathname + url.search, authorization, contentRange });
    const session = sessions.get(url.searchParams.get('upload_id') ?? '');
    if (url.searchParams.has('upload_id')) {
      // Who knows the address may write; a token there would be given away for nothing.
      if (authorization !== undefined) return answer(response, 400, 'a session was sent a token');
      return session ? continueSession(session, request, response) : answer(response, 404, 'no such upload');
    }
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    if (options.isToken && !options.isToken(token)) {
      request.resume();
      const who = token === undefined ? 'Anonymous caller does not have storage access' : 'Invalid Credentials';
      return answer(response, 401, who);
    }
    if (url.searchParams.get('uploadType') !== 'resumable') return forward(request, response, options.endpoint);
    const id = randomBytes(16).toString('hex');
    const mediaType = String(request.headers['x-upload-content-type'] ?? 'application/octet-stream');
    sessions.set(id, { query: url.searchParams, bucketPath: url.pathname, mediaType, bytes: [] });
    url.searchParams.set('upload_id', id);
    response.writeHead(200, { location: url.href, 'content-length': 0 }).end();
  };

  const continueSession = async (session: Session, request: IncomingMessage, response: ServerResponse) => {
    if (session.done) return pass(session.done.clone(), response);
    const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/.exec(request.headers['content-range'] ?? '');
    if (!range) return answer(response, 400, 'no Content-Range');
    const kept = sizeOf(session);
    const [, from, last, total] = range;
    if (from === undefined) return incomplete(response, kept);
    if (Number(from) !== kept) return answer(response, 400, `byte ${kept} was wanted, ${from} was sent`);
    const limit = breakAt(bodies++);
    if (!(await take(session, request, limit === 'answer' ? undefined : limit))) return;
    if (sizeOf(session) < Number(total)) return incomplete(response, sizeOf(session));
    if (Number(last) + 1 !== Number(total)) return answer(response, 400, 'more bytes than were told');
    session.done = await commit(session, options.endpoint);
    if (limit === 'answer') return void request.socket.resetAndDestroy();
    return pass(session.done.clone(), response);
  };

  const server = createServer((request, response) => {
    // A side that goes away is what tests are about.
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    breakUploads(at) {
      breakAt = at;
      bodies = 0;
      seen.length = 0;
    },
    forgetSessions: () => sessions.clear(),
    unfinished: () => [...sessions.values()].filter(({ done }) => !done).map(sizeOf),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** False when the body broke off; what came of it stays, in whole units. */
async function take(session: Session, request: IncomingMessage, limit: number | undefined): Promise<boolean> {
  const before = sizeOf(session);
  try {
    for await (const chunk of request) {
      session.bytes.push(chunk as Buffer);
      if (limit !== undefined && sizeOf(session) - before >= limit) {
        request.socket.resetAndDestroy();
        break;
      }
    }
    if (!request.destroyed || request.complete) return true;
  } catch {
    // The same as one that was broken on purpose.
  }
  const whole = Buffer.concat(session.bytes);
  session.bytes.splice(0, Infinity, whole.subarray(0, whole.byteLength - (whole.byteLength % UNIT_BYTES)));
  return false;
}

function commit(session: Session, endpoint: string): Promise<Response> {
  const query = new URLSearchParams(session.query);
  query.set('uploadType', 'media');
  query.delete('upload_id');
  return fetch(`${endpoint}${session.bucketPath}?${query.toString()}`, {
    method: 'POST',
    headers: { 'content-type': session.mediaType },
    body: Buffer.concat(session.bytes),
  });
}

async function forward(request: IncomingMessage, response: ServerResponse, endpoint: string): Promise<void> {
  const { range, 'content-type': type } = request.headers;
  const body = request.method === 'POST' ? await buffer(request) : undefined;
  // A body that broke off is not passed on.
  if (body && body.byteLength !== Number(request.headers['content-length'])) return;
  const answered = await fetch(`${endpoint}${request.url}`, {
    method: request.method ?? 'GET',
    headers: { ...(range !== undefined && { range }), ...(type !== undefined && { 'content-type': type }) },
    ...(body && { body }),
  });
  await pass(answered, response);
}

async function pass(answered: Response, response: ServerResponse): Promise<void> {
  const headers = Object.fromEntries(answered.headers);
  delete headers['content-encoding'];
  delete headers['transfer-encoding'];
  response.writeHead(answered.status, headers);
  if (answered.body) for await (const chunk of answered.body) response.write(chunk);
  response.end();
}

function incomplete(response: ServerResponse, kept: number): void {
  response.writeHead(308, { 'content-length': 0, ...(kept > 0 && { range: `bytes=0-${kept - 1}` }) }).end();
}

/** https://cloud.google.com/storage/docs/json_api/v1/status-codes */
function answer(response: ServerResponse, code: number, message: string): void {
  const body = JSON.stringify({ error: { code, message, errors: [{ message, domain: 'global', reason: 'tests' }] } });
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}

function sizeOf({ bytes }: Session): number {
  return bytes.reduce((sum, chunk) => sum + chunk.byteLength, 0);
}
