/** What `go` asked, with ids in hex. */
export interface ProgRequest {
  readonly id: number;
  readonly command: string;
  readonly actionHex: string;
  readonly outputHex: string;
  readonly body: Buffer;
}

/** A line that is no request; `id` where one could be read all the same. */
export interface BrokenRequest {
  readonly problem: string;
  readonly id?: number;
}

/** What a line may hold besides a body, which has a line of its own. */
const MAX_LINE_BYTES = 1024 * 1024;
/** Go itself keeps far smaller ones. */
const MAX_BODY_BYTES = 1024 * 1024 * 1024;

/**
 * Reads Go's cache protocol: a JSON object on each line, and behind a `put` with a BodySize a JSON string with the body in
 * base64. What is broken is given as such, and reading goes on with the next line.
 * https://github.com/golang/go/blob/go1.26.8/src/cmd/go/internal/cacheprog/cacheprog.go
 */
export async function* readRequests(input: AsyncIterable<Uint8Array>): AsyncGenerator<ProgRequest | BrokenRequest> {
  let waiting: (Omit<ProgRequest, 'body'> & { readonly bodySize: number }) | undefined;
  for await (const line of splitLines(input)) {
    if (line === undefined) {
      yield { problem: 'a line that is too long', ...(waiting && { id: waiting.id }) };
      waiting = undefined;
      continue;
    }
    if (line.every((byte) => byte <= 0x20)) continue;
    if (waiting) {
      const { bodySize, ...request } = waiting;
      waiting = undefined;
      const body = readBody(line);
      if (body?.byteLength === bodySize) {
        yield { ...request, body };
        continue;
      }
      yield { problem: `a body that is not the ${bodySize} bytes it was said to be`, id: request.id };
      if (body) continue;
      // It may be the next request instead.
    }
    const request = parseRequest(line);
    if ('problem' in request) yield request;
    else if (request.bodySize > 0) waiting = request;
    else yield { ...request, body: Buffer.alloc(0) };
  }
  if (waiting) yield { problem: 'the input ended before the body', id: waiting.id };
}

function readBody(line: Buffer): Buffer | undefined {
  const text = line.toString('latin1').trim();
  if (!/^"[A-Za-z0-9+/]*={0,2}"$/.test(text)) return undefined;
  return Buffer.from(text.slice(1, -1), 'base64');
}

function parseRequest(line: Buffer): (Omit<ProgRequest, 'body'> & { readonly bodySize: number }) | BrokenRequest {
  const text = line.toString('utf8');
  const guessed = /"ID":\s*(\d{1,15})\b/.exec(text)?.[1];
  const broken = (problem: string): BrokenRequest => ({
    problem,
    ...(guessed !== undefined && { id: Number(guessed) }),
  });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return broken('a line that is not JSON');
  }
  if (typeof document !== 'object' || document === null) return broken('a line that is no JSON object');
  const { ID: id, Command: command, ActionID, OutputID, BodySize: bodySize = 0 } = document as Record<string, unknown>;
  if (!Number.isSafeInteger(id) || Number(id) < 0) return broken('a request without an ID');
  if (typeof command !== 'string') return broken('a request without a command');
  if (!Number.isSafeInteger(bodySize) || Number(bodySize) < 0 || Number(bodySize) > MAX_BODY_BYTES) {
    return broken('a BodySize that can not be');
  }
  return {
    id: Number(id),
    command,
    actionHex: toHex(ActionID),
    outputHex: toHex(OutputID),
    bodySize: Number(bodySize),
  };
}

function toHex(id: unknown): string {
  return typeof id === 'string' ? Buffer.from(id, 'base64').toString('hex') : '';
}

/** Undefined stands for a line that is too long to be one; a body may be long. */
async function* splitLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | undefined> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      const last = rest.subarray(0, end);
      yield isTooLong(parts, size + last.byteLength) ? undefined : Buffer.concat([...parts, last]);
      [parts, size, rest] = [[], 0, rest.subarray(end + 1)];
    }
    size += rest.byteLength;
    // What is too long is not kept, but counted.
    if (!isTooLong(parts.length > 0 ? parts : [rest], size)) parts.push(Buffer.from(rest));
  }
  if (size > 0) yield Buffer.concat(parts);
}

function isTooLong([first]: readonly Buffer[], size: number): boolean {
  const isBody = first !== undefined && first[0] === 0x22;
  return size > (isBody ? (MAX_BODY_BYTES / 3) * 4 + 1024 : MAX_LINE_BYTES);
}
