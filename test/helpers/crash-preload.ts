/**
 * Loaded into the CLI by `node --import`: counts what it asks of the disk, the network and other programs, and ends the
 * process by SIGKILL at the n-th of these steps. Nothing in src knows of it.
 *
 * CRASH_AT: the step before which (CRASH_DELAY_MS: some time after which) the process dies; 0 or none = never.
 * CRASH_TRACE: a file that gets a line per step.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';

type Call = (...args: unknown[]) => unknown;
type Calls = Record<string, Call>;

const require = createRequire(import.meta.url);
const fs = require('node:fs') as typeof import('node:fs');
const http = require('node:http') as typeof import('node:http');
const https = require('node:https') as typeof import('node:https');
const childProcess = require('node:child_process') as typeof import('node:child_process');

const crashAt = Number(process.env['CRASH_AT'] ?? 0);
const delayMs = Number(process.env['CRASH_DELAY_MS'] ?? 0);
const trace = process.env['CRASH_TRACE'];
const appendTrace = fs.appendFileSync;
let steps = 0;

/** What changes something or asks somebody; looking a file up leaves nothing that the step before it did not. */
const PROMISED = ['copyFile', 'link', 'mkdir', 'mkdtemp', 'open', 'rename', 'rm', 'unlink', 'utimes', 'writeFile'];
const OF_HANDLES = ['sync', 'write', 'writeFile'];

const handle = await fs.promises.open(import.meta.filename);
const handlePrototype = Object.getPrototypeOf(handle) as Calls;
await handle.close();

for (const name of PROMISED) count(fs.promises as unknown as Calls, name, name);
for (const name of OF_HANDLES) count(handlePrototype, name, `handle.${name}`);
for (const name of ['createReadStream', 'createWriteStream']) count(fs as unknown as Calls, name, name);
count(fs.WriteStream.prototype as unknown as Calls, '_write', 'stream.write');
count(childProcess as unknown as Calls, 'spawn', 'spawn');
for (const owner of [http, https]) count(owner as unknown as Calls, 'request', 'request');
count(globalThis as unknown as Calls, 'fetch', 'fetch');
syncBuiltinESMExports();

function count(owner: Calls, name: string, label: string): void {
  const original = owner[name];
  if (original === undefined) throw new Error(`there is no ${label} to count`);
  owner[name] = function (this: unknown, ...args: unknown[]): unknown {
    // Node's loader reads modules by the same functions: not the program's doing.
    if (!isOfLoader(args[0])) step(label, args[0]);
    return original.apply(this, args);
  };
}

function isOfLoader(first: unknown): boolean {
  return /\.(?:ts|js|json)$/.test(String(first)) && /\/(?:src|node_modules|dist)\//.test(String(first));
}

function step(label: string, first: unknown): void {
  steps += 1;
  if (trace !== undefined)
    appendTrace(trace, `${label} ${typeof first === 'string' || first instanceof URL ? String(first) : ''}\n`);
  if (steps !== crashAt) return;
  if (delayMs > 0) setTimeout(die, delayMs);
  else die();
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
  // The signal takes effect at once; should it ever not, nothing more may happen.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
}
