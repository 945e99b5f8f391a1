import { describe, expect, test } from 'vitest';
import { entryVersion, isEntryParent, isEntryPath, splitTreePath } from '../../../src/pack/grammar.ts';

const HEX = '0123456789abcdef'.repeat(4);
const DOWNLOAD = 'cache/download';

describe('gocache', () => {
  const good = [`01/${HEX}-a`, `01/${HEX}-d`, `ff/ff${HEX.slice(2)}-d`];
  const bad = [
    '',
    `02/${HEX}-a`,
    `01/${HEX}-x`,
    `01/${HEX}`,
    `01/${HEX}-a/x`,
    `01/${HEX}-d/hello`,
    `01/${HEX.slice(1)}-a`,
    `01/${HEX}0-a`,
    `01/${HEX.toUpperCase()}-a`,
    `/01/${HEX}-a`,
    `./01/${HEX}-a`,
    `01//${HEX}-a`,
    `01/../01/${HEX}-a`,
    `01/${HEX}-a\n`,
    `01/${HEX}-a\0`,
    `${HEX}-a`,
    'trim.txt',
    'README',
    'testexpire.txt',
    '.slipway/marker',
    `fuzz/${HEX}`,
    `０1/${HEX}-a`,
  ];
  test.each(good)('lets %j through', (path) => expect(isEntryPath('gocache', path)).toBe(true));
  test.each(bad)('refuses %j', (path) => expect(isEntryPath('gocache', path)).toBe(false));
  test('is not the grammar of the other kind', () => {
    expect(good.some((path) => isEntryPath('gomodcache', path))).toBe(false);
  });
});

describe('gomodcache', () => {
  const good = [
    'example.com/@v/v1.0.0.info',
    'example.com/a/@v/v1.0.0.mod',
    'github.com/!azure/azure-sdk-for-go/@v/v0.0.0-20180830191138-d8f796af33cc.zip',
    'github.com/docker/docker/@v/v28.1.0+incompatible.zip',
    'gopkg.in/yaml.v3/@v/v3.0.1.zip',
    'gopkg.in/yaml.v0/@v/v0.0.0.zip',
    'gopkg.in/x/y.v1-unstable/@v/v1.0.0.zip',
    'example.com/a/v2/@v/v2.0.0-!r!c.1.mod',
    'example.com/a/v10/@v/v10.0.0.mod',
    'golang.org/toolchain/@v/v0.0.1-go1.26.8.linux-amd64.zip',
    'example.com/-a/_b/c~d/@v/v1.0.0-alpha.0.0a.mod',
    'example.com/v/@v/v1.0.0.mod',
    'example.com/cond/comx/@v/v1.0.0.mod',
  ];
  const bad = [
    'example.com/@v/list',
    'example.com/@v/v1.0.0.ziphash',
    'example.com/@v/v1.0.0.lock',
    'example.com/@v/v1.0.0.partial',
    'example.com/@v/v1.0.0.zip.tmp',
    'example.com/@v/v1.0.0.zip123.tmp',
    'example.com/@v/.zip',
    'example.com/@v/v1.0.zip',
    'example.com/@v/v1.zip',
    'example.com/@v/master.info',
    'example.com/@v/v01.0.0.zip',
    'example.com/@v/v1.0.0-.zip',
    'example.com/@v/v1.0.0-01.zip',
    'example.com/@v/v1.0.0-a..b.zip',
    'example.com/@v/v1.0.0+meta.zip',
    'example.com/@v/v1.0.0+incompatible+incompatible.zip',
    'example.com/@v/v1.0.0-RC.zip',
    'example.com/@v/v1.0.0-!!.zip',
    'example.com/@v/v1.0.0-!1.zip',
    'example.com/@v/v1.0.0-a!.zip',
    'example.com/@v/v1.0.0\n.zip',
    'example.com/@v/../@v/v1.0.0.zip',
    'example.com/a/../b/@v/v1.0.0.zip',
    'example.com/./@v/v1.0.0.zip',
    'example.com//@v/v1.0.0.zip',
    'example.com/.a/@v/v1.0.0.zip',
    'example.com/a./@v/v1.0.0.zip',
    'example.com/A/@v/v1.0.0.zip',
    'example.com/a/v1/@v/v1.0.0.zip',
    'example.com/a/v0/@v/v0.0.0.zip',
    'example.com/a/v02/@v/v2.0.0.zip',
    'example.com/a/v2.1/@v/v2.1.0.zip',
    'example.com/con/@v/v1.0.0.zip',
    'example.com/!n!u!l.x/@v/v1.0.0.zip',
    'example.com/lpt1.a/@v/v1.0.0.zip',
    'example.com/a~1/@v/v1.0.0.zip',
    'example.com/a b/@v/v1.0.0.zip',
    'example.com/ä/@v/v1.0.0.zip',
    'example.com/a%2f/@v/v1.0.0.zip',
    'example.com/a\\b/@v/v1.0.0.zip',
    'example.com/a:b/@v/v1.0.0.zip',
    'example.com/@v/@v/v1.0.0.zip',
    'example.com/@latest',
    'example.com/@v/x/v1.0.0.zip',
    '!example.com/@v/v1.0.0.zip',
    'Example.com/@v/v1.0.0.zip',
    '-example.com/@v/v1.0.0.zip',
    'example_x.com/@v/v1.0.0.zip',
    'example/@v/v1.0.0.zip',
    'gopkg.in/yaml/@v/v1.0.0.zip',
    'gopkg.in/yaml.v01/@v/v1.0.0.zip',
    'sumdb/sum.golang.org/latest',
    'sumdb/sum.golang.org/lookup/example.com@v1.0.0',
    '@v/v1.0.0.zip',
  ];
  test.each(good)('lets %j through', (path) => expect(isEntryPath('gomodcache', `${DOWNLOAD}/${path}`)).toBe(true));
  test.each(bad)('refuses %j', (path) => expect(isEntryPath('gomodcache', `${DOWNLOAD}/${path}`)).toBe(false));

  test.each([
    'cache/vcs/0123/hooks/post-checkout',
    'cache/lock',
    'example.com/a@v1.0.0/a.go',
    'cache/download',
    `x/${DOWNLOAD}/example.com/@v/v1.0.0.zip`,
    `/${DOWNLOAD}/example.com/@v/v1.0.0.zip`,
    `./${DOWNLOAD}/example.com/@v/v1.0.0.zip`,
  ])('refuses %j', (path) => expect(isEntryPath('gomodcache', path)).toBe(false));

  test('holds the limits', () => {
    const module = (elements: number, length: number): string =>
      `${DOWNLOAD}/a.b/${Array.from({ length: elements }, () => 'c'.repeat(length)).join('/')}/@v/v1.0.0.zip`;
    expect(isEntryPath('gomodcache', module(1, 255))).toBe(true);
    expect(isEntryPath('gomodcache', module(1, 256))).toBe(false);
    expect(isEntryPath('gomodcache', module(59, 1))).toBe(true);
    expect(isEntryPath('gomodcache', module(60, 1))).toBe(false);
    expect(isEntryPath('gomodcache', module(3, 250))).toBe(true);
    expect(isEntryPath('gomodcache', module(4, 250))).toBe(false);
  });
});

test('parents are the directories that an entry could lie in', () => {
  expect(['', 'ab', '00'].every((path) => isEntryParent('gocache', path))).toBe(true);
  expect(['abc', 'AB', '..', '.', 'ab/cd', '/ab', 'cache'].some((path) => isEntryParent('gocache', path))).toBe(false);
  const good = ['', 'cache', DOWNLOAD, `${DOWNLOAD}/a.b`, `${DOWNLOAD}/a.b/!c`, `${DOWNLOAD}/a.b/@v`];
  const bad = ['cache/vcs', '..', `${DOWNLOAD}/..`, `${DOWNLOAD}/a.b/@v/x`, `${DOWNLOAD}/a.b/.x`, `${DOWNLOAD}/a.b//c`];
  expect(good.filter((path) => !isEntryParent('gomodcache', path))).toEqual([]);
  expect(bad.filter((path) => isEntryParent('gomodcache', path))).toEqual([]);
});

test('the version of an entry is unescaped', () => {
  expect(entryVersion(`${DOWNLOAD}/a.b/@v/v1.0.0-!r!c.1.info`)).toBe('v1.0.0-RC.1');
});

describe('trees', () => {
  const good = [
    'a.b/c@v1.0.0/go.mod',
    'github.com/!burnt!sushi/toml@v1.2.3/internal/Tag_x.go',
    'gopkg.in/yaml.v3@v3.0.1/yaml.go',
    'a.b@v0.0.0-20200101000000-0123456789ab/x/.hidden/_y,z=1~+@2',
    'a.b/c@v2.0.0+incompatible/x',
  ];
  const bad = [
    'a.b/c@v1.0.0',
    'a.b/c@v1.0.0/',
    'a.b/c/x.go',
    'a.b/c@v1.0.0/../d@v1.0.0/x',
    'a.b/c@v1.0.0/./x',
    'a.b/c@v1.0.0/x//y',
    '/a.b/c@v1.0.0/x',
    '../c@v1.0.0/x',
    'a.b/c@v1.0/x',
    'a.b/C@v1.0.0/x',
    'nodot/c@v1.0.0/x',
    'cache/download@v1.0.0/x',
    'a.b/c@v1.0.0/a b',
    "a.b/c@v1.0.0/a'b",
    'a.b/c@v1.0.0/a"b',
    'a.b/c@v1.0.0/a\\b',
    'a.b/c@v1.0.0/a$b',
    'a.b/c@v1.0.0/a\nb',
    'a.b/c@v1.0.0/é',
    `a.b/c@v1.0.0/${'x'.repeat(256)}`,
    `a.b/c@v1.0.0/${'x/'.repeat(64)}x`,
    '.slipway/x@v1.0.0/x',
  ];
  test.each(good)('let %j through, which is no other entry', (path) => {
    expect(isEntryPath('gomodcache', path, 'trees')).toBe(true);
    expect(isEntryPath('gomodcache', path)).toBe(false);
    expect(isEntryPath('gomodcache', path, 'tree-index')).toBe(false);
    expect(isEntryPath('gocache', path, 'trees')).toBe(false);
  });
  test.each(bad)('refuse %j', (path) => expect(isEntryPath('gomodcache', path, 'trees')).toBe(false));
  test('are split behind the version', () => {
    expect(splitTreePath('a.b/c@v1.0.0/x/y@v2.0.0/z')).toEqual({ directory: 'a.b/c@v1.0.0', name: 'x/y@v2.0.0/z' });
  });
  test('are judged one by one, whatever directory came before', () => {
    for (const module of ['a.b/c@v1.0.0', 'a.b/C@v1.0.0', 'a.b/c@v1', 'a.b/c@v1.0.0']) {
      const isRight = module === 'a.b/c@v1.0.0';
      for (const name of ['x/y', 'z']) expect(isEntryPath('gomodcache', `${module}/${name}`, 'trees')).toBe(isRight);
      expect(isEntryPath('gomodcache', `${module}/x/../y`, 'trees')).toBe(false);
    }
  });
  test('come without directories', () => expect(isEntryParent('gomodcache', 'a.b', 'trees')).toBe(false));
});

describe('the index of trees', () => {
  test.each(['sums', 'packages'])('holds .%s files', (ending) => {
    expect(isEntryPath('gomodcache', `${DOWNLOAD}/a.b/c/@v/v1.0.0.${ending}`, 'tree-index')).toBe(true);
    expect(isEntryPath('gomodcache', `${DOWNLOAD}/a.b/c/@v/v1.0.0.${ending}`)).toBe(false);
  });
  test.each(['zip', 'mod', 'info', 'ziphash'])('holds no .%s', (ending) => {
    expect(isEntryPath('gomodcache', `${DOWNLOAD}/a.b/c/@v/v1.0.0.${ending}`, 'tree-index')).toBe(false);
  });
});
