import { describe, expect, it } from 'vitest';
import { fileTreeOf } from '../../../../src/core/file-tree.ts';
import { mainPackagesOf } from '../../../../src/golang/packages/main-packages.ts';
import { reachPackages } from '../../../../src/golang/packages/reach.ts';
import { readGoRepository } from '../../../../src/golang/packages/read-repository.ts';
import { planBuildList } from '../../../../src/golang/packages/resolve-import.ts';
import { type RuntimeNeeds, runtimeNeedsOf } from '../../../../src/golang/packages/runtime-needs.ts';
import { STATIC_LINUX } from '../../../../src/golang/source/build-target.ts';

describe('what a program needs at run time', () => {
  it.each<[string, string, Partial<RuntimeNeeds>]>([
    [
      'a server alone needs no certificates',
      file('net/http', 'http.ListenAndServe(":8080", nil)'),
      { needsCertificates: false, listens: true },
    ],
    [
      'a client needs them',
      file('net/http', 'http.Get("https://example.com")'),
      { needsCertificates: true, listens: false },
    ],
    ['a client by another name', file('web net/http', 'web.DefaultClient.Do(nil)'), { needsCertificates: true }],
    ['crypto/tls as a client', file('crypto/tls', 'tls.Dial("tcp", "x:443", nil)'), { needsCertificates: true }],
    [
      'crypto/tls as a server',
      file('crypto/tls', 'tls.Listen("tcp", ":8443", nil)'),
      { needsCertificates: false, listens: true },
    ],
    ['crypto/x509', file('crypto/x509', 'x509.SystemCertPool()'), { needsCertificates: true }],
    ['foreign modules on the network', file('net/url example.com/sdk', 'url.Parse("x")'), { needsCertificates: true }],
    ['foreign modules off the network', file('os example.com/sdk', 'os.Exit(0)'), { needsCertificates: false }],
    [
      'roots in the binary',
      file('net/http golang.org/x/crypto/x509roots/fallback', 'http.Get("x")'),
      { needsCertificates: false },
    ],
    ['time zones', file('time', 'time.LoadLocation("Europe/Berlin")'), { needsTimeZones: true }],
    ['time alone', file('time', 'time.Now()'), { needsTimeZones: false }],
    [
      'time zones in the binary',
      file('time time/tzdata', 'time.LoadLocation("Europe/Berlin")'),
      { needsTimeZones: false },
    ],
    ['users', file('os/user', 'user.Current()'), { usesUserLookup: true }],
  ])('%s', (_, text, expected) => {
    expect(needsOf(text)).toMatchObject(expected);
  });

  it.each<[string, string, readonly number[]]>([
    ['ListenAndServe', file('net/http', 'http.ListenAndServe(":8080", nil)'), [8080]],
    [
      'a server literal',
      file('net/http', 's := http.Server{Addr: "0.0.0.0:9000", Handler: nil}; s.ListenAndServe()'),
      [9000],
    ],
    ['net.Listen with options around', file('net', 'net.Listen("tcp", fmt(":50051"))'), []],
    ['net.Listen', file('net', 'net.Listen("tcp", ":50051")'), [50051]],
    ['a flag', file('flag', 'flag.String("addr", ":8080", "address")'), [8080]],
    ['an integer flag', file('flag', 'flag.Int("port", 8081, "port to listen on")'), [8081]],
    ['an integer flag of another sense', file('flag', 'flag.Int("workers", 8081, "number")'), []],
    ['a variable with a fallback', file('os', 'port := os.Getenv("PORT"); if port == "" { port = "8080" }'), [8080]],
    ['a helper with a fallback', file('os', 'getenvDefault("HTTP_PORT", "8090")'), [8090]],
    ['a call beats a constant', file('net/http', 'addr := ":1234"; http.ListenAndServe(":8080", nil)'), [8080]],
    [
      'two servers',
      file('net/http', 'go http.ListenAndServe(":8080", nil); http.ListenAndServe(":9090", nil)'),
      [8080, 9090],
    ],
    ['a client', file('net', 'net.Dial("tcp", "localhost:5432")'), []],
    ['a port that is none', file('net/http', 'http.ListenAndServe(":99999", nil)'), []],
    ['text that looks alike', file('fmt', 'fmt.Println(":8080")'), []],
    ['a test server', file('net/http', 'http.ListenAndServe(":0", nil)'), []],
  ])('finds ports: %s', (_, text, expected) => {
    expect(needsOf(text).addresses.map(({ port }) => port)).toEqual(expected);
  });

  it('knows what only this machine reaches, and where it stands', () => {
    const text = file('net/http', 'http.ListenAndServe("127.0.0.1:6060", nil)');
    const [found] = needsOf(text).addresses;
    expect(found).toMatchObject({ isLoopback: true, evidence: 'call' });
    expect(text.slice(found?.range.start, found?.range.end)).toBe('"127.0.0.1:6060"');
  });
});

/** A program; `imports` are paths with a name in front where there is a dot-less word before one. */
function file(imports: string, body: string): string {
  const words = imports.split(' ');
  const lines = imports.startsWith('web ') ? [`web "${words[1]}"`] : words.map((path) => `"${path}"`);
  return `package main\n\nimport (\n\t${lines.join('\n\t')}\n)\n\nfunc main() {\n\t${body}\n}\n`;
}

function needsOf(text: string): RuntimeNeeds {
  const repository = readGoRepository(fileTreeOf({ 'go.mod': 'module example.com/p\n', 'main.go': text }));
  const [module] = repository.modules;
  const list = planBuildList(repository, '');
  if (module === undefined || list === undefined) throw new Error('no module');
  const mains = mainPackagesOf(repository, module, STATIC_LINUX);
  return runtimeNeedsOf(reachPackages(repository, mains, { list, target: STATIC_LINUX }));
}
