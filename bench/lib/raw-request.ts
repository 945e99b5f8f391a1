import { connect, type Socket } from 'node:net';

export interface RawRequest {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  /** Names and values by turns. */
  readonly headers: readonly string[];
}

export interface RawAnswer {
  /** Headers: names and values by turns. */
  onHead(status: number, headers: readonly string[]): void;
  /** The bytes are the caller's until it calls `done`; nothing more comes before that. */
  onBody(bytes: Uint8Array, done: () => void): void;
  /** `isWhole` is false where the answer broke off. */
  onEnd(isWhole: boolean): void;
}

const BUFFER_BYTES = 1 << 20;
const CONNECTION_HEADERS = /^(?:connection|keep-alive|transfer-encoding)$/i;

/**
 * Asks a port of this machine, and hands on the answer's body as it lies in one buffer: a third of what Node's HTTP client makes of it.
 * By HTTP/1.0, so that the body is all that follows the head, until the connection ends.
 */
export function requestRaw(request: RawRequest, answer: RawAnswer): Socket {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let head: Buffer | undefined = Buffer.alloc(0);
  let left: number | undefined;
  const socket = connect({
    host: '127.0.0.1',
    port: request.port,
    onread: {
      buffer,
      callback: (count) => {
        let body: Uint8Array = buffer.subarray(0, count);
        if (head !== undefined) {
          head = Buffer.concat([head, body]);
          const end = head.indexOf('\r\n\r\n');
          if (end < 0) return true;
          const { status, headers } = readHead(head.subarray(0, end).toString('latin1'));
          left = hasBody(status) ? lengthOf(headers) : 0;
          body = head.subarray(end + 4);
          head = undefined;
          answer.onHead(status, headers);
        }
        if (left !== undefined) left -= body.length;
        if (body.length === 0) return true;
        answer.onBody(body, () => socket.resume());
        return false;
      },
    },
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', (isBroken) => answer.onEnd(!isBroken && head === undefined && (left ?? 0) === 0));
  const lines = pairs(request.headers).filter(([name]) => !CONNECTION_HEADERS.test(name));
  socket.write(
    [
      `${request.method} ${request.path} HTTP/1.0`,
      ...lines.map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
      '',
      '',
    ].join('\r\n'),
    'latin1',
  );
  return socket;
}

function readHead(text: string): { status: number; headers: readonly string[] } {
  const [first = '', ...lines] = text.split('\r\n');
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    return CONNECTION_HEADERS.test(name) ? [] : [name, line.slice(colon + 1).trim()];
  });
  return { status: Number(first.split(' ')[1]), headers };
}

/** Others may tell the length of what isn't sent. */
function hasBody(status: number): boolean {
  return status !== 204 && status !== 304;
}

function lengthOf(headers: readonly string[]): number | undefined {
  const found = pairs(headers).find(([name]) => name.toLowerCase() === 'content-length');
  return found === undefined ? undefined : Number(found[1]);
}

function pairs(flat: readonly string[]): readonly (readonly [string, string])[] {
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as const] : []));
}
