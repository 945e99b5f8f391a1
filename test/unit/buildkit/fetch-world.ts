import { spawn } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { arch, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect } from 'vitest';
import { writeHelperProgram } from '../../../src/buildkit/helper-program.ts';
import { sha256Hex, type File } from '../pack/pack-fixtures.ts';

/** What is said to the program of one pack; by default the truth about `bytes`. */
export interface Offer {
  readonly bytes: Uint8Array;
  /** Of the list; undefined: there is none. */
  readonly files: readonly File[] | undefined;
  readonly hex?: string;
  readonly sizeBytes?: number;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FetchRun {
  readonly status: number | null;
  readonly lines: readonly string[];
  readonly complaint: string;
}

/** A mount, the program, and servers to fetch from, all real. */
export interface FetchWorld {
  readonly directory: string;
  readonly mount: string;
  readonly lists: string;
  readonly program: string;
  /** Starts a server and gives its address, without a slash at the end. */
  serve(listener: RequestListener, make?: (listener: RequestListener) => Server): Promise<string>;
  writePlan(offers: readonly Offer[], changes?: object): string;
  /** `fetch` of a plan. `onStart` gets a function that sends a signal. */
  fetch(offers: readonly Offer[], changes?: object, onStart?: (kill: () => void) => void): Promise<FetchRun>;
  reach(offers: readonly Offer[], changes?: object): Promise<FetchRun>;
  run(words: readonly string[], env?: Readonly<Record<string, string>>, command?: string): Promise<FetchRun>;
  close(): Promise<void>;
}

export const MODIFIED_SECONDS = 978_307_200;
/** Nothing that the program prints may hold it. */
export const TOKEN = 'very-secret-token';

/** One for all tests of a file: it has some megabytes. */
let extracted: Promise<string> | undefined;
const programDirectory = mkdtempSync(path.join(tmpdir(), 'slipway-program-'));
afterAll(() => rmSync(programDirectory, { recursive: true }));

async function extractProgram(): Promise<string> {
  await writeHelperProgram(programDirectory);
  return path.join(programDirectory, 'bin', arch() === 'arm64' ? 'aarch64' : 'x86_64');
}

export async function openFetchWorld(): Promise<FetchWorld> {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-fetch-'));
  const [mount, lists, planFile] = ['mount', 'lists', 'plan.json'].map((name) => path.join(directory, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(mount);
  const program = await (extracted ??= extractProgram());
  const servers: { server: Server; sockets: Set<Socket> }[] = [];

  const serve: FetchWorld['serve'] = async (listener, make = (each) => createServer(each)) => {
    const server = make(listener);
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => sockets.add(socket));
    servers.push({ server, sockets });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  const writePlan: FetchWorld['writePlan'] = (offers, changes = {}) => {
    rmSync(lists, { recursive: true, force: true });
    mkdirSync(lists);
    const packs = offers.map(
      ({ bytes, files, hex = sha256Hex(bytes), sizeBytes = bytes.length, url, headers = {} }) => {
        if (files !== undefined) writeFileSync(path.join(lists, hex), listOf(files));
        return { digest: `sha256:${hex}`, sizeBytes, url, headers: { ...headers } };
      },
    );
    const plan = { schemaVersion: 1, timeoutSeconds: 30, modifiedSeconds: MODIFIED_SECONDS, packs, ...changes };
    writeFileSync(planFile, JSON.stringify(plan));
    return planFile;
  };

  const start = (
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
    command = program,
    onStart?: (kill: () => void) => void,
  ) =>
    new Promise<FetchRun>((resolve, reject) => {
      const child = spawn(command, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
      const said: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on('data', (chunk: Buffer) => said[0].push(chunk));
      child.stderr.on('data', (chunk: Buffer) => said[1].push(chunk));
      child.on('error', reject);
      child.on('close', (status) => {
        const [stdout, complaint] = said.map((chunks) => Buffer.concat(chunks).toString()) as [string, string];
        const lines = stdout.split('\n');
        try {
          expect(lines.pop()).toBe('');
          expect(stdout + complaint).not.toMatch(/https?:|127\.0\.0\.1|localhost|secret/);
          resolve({ status, lines, complaint });
        } catch (error) {
          reject(error);
        }
      });
      onStart?.(() => child.kill('SIGTERM'));
    });

  return {
    directory,
    mount,
    lists,
    program,
    serve,
    writePlan,
    fetch: (offers, changes, onStart) =>
      start(['fetch', mount, writePlan(offers, changes), lists], {}, program, onStart),
    reach: (offers, changes) => start(['reach', writePlan(offers, changes)]),
    run: start,
    close: async () => {
      for (const { server, sockets } of servers) {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function listOf(files: readonly File[]): string {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return sorted.map((file) => `${file.path} ${file.bytes.length}\n`).join('');
}

/** Serves bytes by path as a store does, ranges included. */
export function storeOf(blobs: Readonly<Record<string, Uint8Array>>): RequestListener {
  return (request, response) => {
    const bytes = blobs[request.url ?? ''];
    if (bytes === undefined) {
      response.writeHead(404).end('nothing here');
      return;
    }
    const from = rangeStart(request.headers.range);
    const rest = bytes.subarray(from ?? 0);
    const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(from === undefined ? 200 : 206, {
      'content-length': rest.length,
      ...(from === undefined ? {} : range),
    });
    response.end(rest);
  };
}

export function rangeStart(header: string | undefined): number | undefined {
  const match = /^bytes=([0-9]+)-/.exec(header ?? '');
  return match === null ? undefined : Number(match[1]);
}

/** Bytes that no compression makes smaller, the same each time. */
export function noise(length: number, seed = 0): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** Without the lines of how much has moved. */
export function verdicts(run: FetchRun): readonly string[] {
  return run.lines.filter((line) => !line.startsWith('slipway-moved ')).sort();
}

export const movedBytes = (run: FetchRun): number =>
  run.lines.reduce((sum, line) => sum + Number(/^slipway-moved ([0-9]+)$/.exec(line)?.[1] ?? 0), 0);

/** `<digest> <path>` of all files of a mount, whatever their names: what `summaryOf` makes of those it should hold. */
export function readMount(mount: string): readonly string[] {
  const files = readdirSync(mount, { recursive: true, withFileTypes: true })
    .filter((each) => !each.isDirectory())
    .map((each) => path.join(each.parentPath, each.name))
    .map((file) => ({ path: path.relative(mount, file), bytes: readFileSync(file) }));
  return summaryOf(files);
}

export function summaryOf(files: readonly File[]): readonly string[] {
  return [...new Set(files.map((file) => `${sha256Hex(file.bytes)} ${file.path}`))].sort();
}

/** The property that damage must leave: right outputs, no action record, nothing else. */
export function expectOnlyOutputs(mount: string): void {
  for (const line of readMount(mount)) {
    const [hex = '', name] = line.split(' ');
    expect(name).toBe(`${hex.slice(0, 2)}/${hex}-d`);
  }
}
