/** One row of the table in docs/reliability.md. */
export interface ReliabilitySuite {
  readonly id: `R${number}`;
  readonly title: string;
  /** Below test/, without `.test.ts`; the first part is the vitest project. */
  readonly files: readonly string[];
  /**
   * What a published run must have counted at least: the names are those that the suites give to `countCases`; `tests`
   * are vitest's own, for suites that are one test per case.
   */
  readonly least: Readonly<Record<string, number>>;
}

/**
 * The suites of the reliability plan, numbered as there. R9 (the Dockerfile parser) is no part of what is
 * published here. To hook one in: add its files, and what it must count.
 */
export const RELIABILITY_SUITES: readonly ReliabilitySuite[] = [
  {
    id: 'R1',
    title: 'one contract for every kind of store, on real servers',
    files: [
      'contract/memory-store',
      'contract/dir-store',
      'contract/registry-2-store',
      'contract/registry-3-store',
      'contract/registry-image',
      'contract/registry-login',
      'contract/s3-store',
      'contract/s3-parts',
      'contract/gcs-store',
      'contract/gcs-login',
      'contract/gcs-upload',
      'contract/gha-store',
      'contract/gha-official-client',
      'contract/object-store',
      'contract/tiered-store',
    ],
    least: { tests: 420 },
  },
  {
    id: 'R2',
    title: 'pushers in processes of their own, all at once into one scope; then four pullers',
    files: ['contract/pushers'],
    least: { 'pushes at once, 16 at a time': 800, 'pulls of the exact union': 200 },
  },
  {
    id: 'R3',
    title: 'SIGKILL at every step of push, pull and gc; afterwards the old state or the new one, whole',
    files: ['contract/kill-every-step', 'contract/dir-store-kill', 'e2e/kill-steps'],
    least: { 'kills survived': 600, 'kills of the whole program': 30 },
  },
  {
    id: 'R4',
    title: 'compiles killed by SIGKILL: nothing torn leaves their mounts',
    files: ['e2e/kill-compile'],
    least: { 'compiles killed': 20 },
  },
  {
    id: 'R5',
    title: 'a pack or document damaged anywhere: what is restored of it is true',
    files: ['unit/pack/torn-packs'],
    least: {
      'bytes of a pack flipped': 65_536,
      'cuts of a pack': 65_536,
      'bits of manifest, config and entry list flipped': 10_000,
    },
  },
  {
    id: 'R6',
    title: 'hostile tars: refused whole, by name of what is wrong',
    files: ['unit/pack/hostile-tars'],
    least: { 'hostile packs': 200 },
  },
  {
    id: 'R7',
    title:
      'poisoned caches pulled and compiled over by the real go: nothing evil in the binary, no hang, no file outside',
    files: ['e2e/poison-cache'],
    least: { poisons: 44 },
  },
  {
    id: 'R8',
    title:
      'signed snapshots: each field, boundary, kind, scope and signer altered; replay, laundering and hiding in a store',
    files: ['unit/trust/verify-snapshot', 'unit/warm/signed-state', 'e2e/signed-snapshots'],
    least: { 'signed, altered and swapped snapshots judged': 226, 'bits of a signature flipped': 512, tests: 290 },
  },
  {
    id: 'R10',
    title: 'names and texts of a repository, a builder and a store never become instructions, commands or expressions',
    files: ['unit/cli/injection'],
    least: { injections: 200 },
  },
  {
    id: 'R11',
    title: 'faults at every request of a push and a pull, the time on a clock that jumps',
    files: ['contract/fault-matrix', 'e2e/faults-registry'],
    least: {
      'faults of registry survived': 640,
      'faults of s3 survived': 640,
      'faults of gcs survived': 640,
      'builds with a dead store': 2,
    },
  },
  {
    id: 'R12',
    title: 'what the distribution specification asks of a client, clause by clause',
    files: ['unit/oci/distribution-spec'],
    least: { clauses: 30 },
  },
  {
    id: 'R13',
    title:
      'secrets of every kind in reach; then all that was said and left is searched for each, however it is written',
    files: ['e2e/canaries'],
    least: { 'kinds of secret': 39 },
  },
  {
    id: 'R14',
    title: 'saves, restores and gc at once, clocks apart and simulated days; what a snapshot names is never deleted',
    files: ['contract/gc-races'],
    least: {
      'changes of a store in races with gc, the model checked after each': 500,
      'saves killed in races with gc': 10,
    },
  },
  {
    id: 'R15',
    title: 'laws of the union of snapshots, and packs written and read back, on random input',
    files: ['unit/pack/unite', 'unit/pack/write-pack'],
    least: { 'unions by law': 40_000, 'packs written and read': 5_000 },
  },
  {
    id: 'R16',
    title: 'a large pack in little memory; disks that get full at every page or can only be read; few open files',
    files: ['unit/pack/memory', 'e2e/small-disks', 'e2e/faults-disk'],
    least: {
      'entries of one pack': 50_000,
      'pages at which a disk got full': 60,
      'disks that could only be read': 2,
      'runs out of open files': 1,
    },
  },
  {
    id: 'R17',
    title: "Go's cache protocol: broken requests, a store that fails, real builds meanwhile",
    files: [
      'unit/gocacheprog/serve',
      'unit/gocacheprog/remote-packs',
      'contract/gocacheprog',
      'contract/gocacheprog-kill',
    ],
    least: {
      'requests of a fuzzed protocol': 50_000,
      'gets at once': 200,
      'faults of the store': 14,
      'go builds while the store fails': 30,
      'go builds whose store is killed': 15,
      'helpers killed while go works': 4,
    },
  },
  {
    id: 'R18',
    title: 'images built over a restored cache and over an empty one: the same, digest by digest',
    files: ['e2e/warm-cold'],
    least: { 'projects warm and cold alike': 3 },
  },
  {
    id: 'R19',
    title:
      'buildkitd killed by SIGKILL at points of a restore, a build and a save; then the next run on the same state',
    files: ['e2e/kill-worker'],
    least: { 'workers killed': 10 },
  },
  {
    id: 'R20',
    title: 'signals while it works: at most 5 s, nothing left, then a right run',
    files: ['e2e/kill-signals'],
    least: { 'runs with signals': 80, 'of them interrupted': 60 },
  },
  {
    id: 'R21',
    title:
      'the action by event, origin and token: who may write; and jobs that go wrong: one annotation, never a failure',
    files: ['contract/action-events', 'e2e/action-jobs'],
    least: { 'events with an origin and a token': 84, 'jobs with bad input': 20, tests: 80 },
  },
  {
    id: 'R22',
    title: 'files of every format that was ever written, signed ones too, are read for ever',
    files: ['unit/pack/golden', 'unit/trust/golden'],
    least: { tests: 16 },
  },
];
