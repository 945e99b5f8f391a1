/**
 * The flags of go's subcommands: by name, whether they take a value (`true`) or are switches, which take one only behind `=`.
 * Source: `go help build`, `go help testflag` and the help of each subcommand; AddBuildFlags, cmd/go/internal/work/build.go;
 * testFlag, cmd/go/internal/test/testflag.go, both of Go 1.26.
 */
export function flagsOf(subcommand: string): ReadonlyMap<string, boolean> {
  return TABLE.get(subcommand) ?? BUILD;
}

function table(switches: string, valued: string, base: ReadonlyMap<string, boolean> = new Map()): Map<string, boolean> {
  const flags = new Map(base);
  for (const name of switches.split(' ')) if (name !== '') flags.set(name, false);
  for (const name of valued.split(' ')) if (name !== '') flags.set(name, true);
  return flags;
}

const BUILD = table(
  'a n race msan asan cover v work x buildvcs json linkshared modcacherw trimpath i',
  'C p covermode coverpkg asmflags buildmode compiler gccgoflags gcflags installsuffix ldflags mod modfile overlay pgo pkgdir tags toolexec debug-actiongraph debug-runtime-trace debug-trace',
);

const TEST_SWITCHES = 'c artifacts benchmem failfast fullpath short args';
const TEST_VALUES =
  'o exec vet bench benchtime blockprofile blockprofilerate count coverprofile cpu cpuprofile fuzz fuzztime fuzzminimizetime list memprofile memprofilerate mutexprofile mutexprofilefraction outputdir parallel run shuffle skip testlogfile timeout trace';

const TEST = table(TEST_SWITCHES, TEST_VALUES, BUILD);
// Each also goes by the name that the test binary knows it by.
for (const [name, takesValue] of [...TEST]) TEST.set(`test.${name}`, takesValue);

const MOD = table('v x e', 'C modfile');

const TABLE: ReadonlyMap<string, ReadonlyMap<string, boolean>> = new Map([
  ['build', table('', 'o', BUILD)],
  ['clean', table('i r cache testcache modcache fuzzcache', '', BUILD)],
  ['doc', table('all c cmd short src u http', 'C')],
  ['env', table('json changed u w', 'C')],
  ['fix', table('diff', 'fixtool', BUILD)],
  ['fmt', table('n x', 'C mod')],
  ['generate', table('', 'run skip', BUILD)],
  ['get', table('t u d tool', '', BUILD)],
  ['install', BUILD],
  ['list', table('compiled deps e export find m retracted test u versions', 'f reuse', BUILD)],
  ['mod download', table('json', 'reuse', MOD)],
  [
    'mod edit',
    table(
      'fmt print json',
      'C module go toolchain require droprequire replace dropreplace exclude dropexclude retract dropretract tool droptool ignore dropignore godebug dropgodebug',
    ),
  ],
  ['mod graph', table('', 'go', MOD)],
  ['mod init', MOD],
  ['mod tidy', table('diff', 'go compat', MOD)],
  ['mod vendor', table('', 'o', MOD)],
  ['mod verify', MOD],
  ['mod why', table('m vendor', '', MOD)],
  ['run', table('', 'exec', BUILD)],
  ['test', TEST],
  ['tool', table('n', 'C modfile')],
  ['version', table('m v json', 'C')],
  ['vet', table('diff fix', 'vettool', BUILD)],
  ['work edit', table('fmt print json', 'C go toolchain godebug dropgodebug use dropuse replace dropreplace')],
  ['work init', table('', 'C')],
  ['work sync', table('', 'C')],
  ['work use', table('r', 'C')],
  ['work vendor', table('e v', 'C o')],
]);
