import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { PROJECT_ROOT } from '../test/helpers/tools.ts';

/**
 * Makes the programs that helper builds bring along, into helper/bin or the directory given: `node scripts/build-helper.ts [DIRECTORY]`.
 * The same source and the same Go give the same bytes, on any machine.
 */

/** By `uname -m`, which is how a helper script finds its own. */
const ARCHITECTURES = { x86_64: 'amd64', aarch64: 'arm64' };
const GO_VERSION = 'go1.26.8';

const directory = resolve(process.argv[2] ?? join(PROJECT_ROOT, 'helper', 'bin'));
/** What is linked into the programs: Go's own packages, and one module. */
const LINKED = [
  { title: 'The Go standard library', words: ['env', 'GOROOT'] },
  {
    title: 'github.com/klauspost/compress',
    words: ['list', '-m', '-f', '{{.Dir}}', 'github.com/klauspost/compress'],
  },
];
const SOURCE = join(PROJECT_ROOT, 'helper');
const ENVIRONMENT = { ...process.env, GOFLAGS: '', GOEXPERIMENT: '', GOWORK: 'off', GOTOOLCHAIN: GO_VERSION };

const scratch = mkdtempSync(join(tmpdir(), 'slipway-helper-'));
mkdirSync(directory, { recursive: true });
for (const [machine, architecture] of Object.entries(ARCHITECTURES)) {
  const program = join(scratch, machine);
  const words = [
    'build',
    '-trimpath',
    '-buildvcs=false',
    '-mod=readonly',
    // One connection per pack is what it wants: half a megabyte less.
    '-tags=nethttpomithttp2',
    '-ldflags=-s -w -buildid=',
    '-o',
    program,
    '.',
  ];
  const target = { CGO_ENABLED: '0', GOOS: 'linux', GOARCH: architecture, GOAMD64: 'v1', GOARM64: 'v8.0' };
  go(words, target);
  const packed = zstdCompressSync(readFileSync(program), {
    params: { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  writeFileSync(join(directory, `${machine}.zst`), packed);
}
rmSync(scratch, { recursive: true });
const licenses = LINKED.map(({ title, words }) => {
  const text = readFileSync(join(go(words, {}).trim(), 'LICENSE'), 'utf8');
  return `${title}\n\n${text.trim()}\n`;
});
writeFileSync(join(directory, 'licenses.txt'), licenses.join(`\n${'-'.repeat(80)}\n\n`));

function go(words: readonly string[], target: Readonly<Record<string, string>>): string {
  const done = spawnSync('go', words, {
    cwd: SOURCE,
    env: { ...ENVIRONMENT, ...target },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
  return done.stdout;
}
