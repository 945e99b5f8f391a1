import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { digestOf } from '../../../src/core/digest.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { deleteBlob, findBlob, mountBlob, openBlob, uploadBlob } from '../../../src/oci/blobs.ts';
import { openRepository } from '../../../src/oci/client.ts';
import {
  deleteTag,
  findManifest,
  MAX_MANIFEST_BYTES,
  readManifest,
  writeManifest,
} from '../../../src/oci/manifests.ts';
import { isTag, parseReference } from '../../../src/oci/reference.ts';
import type { Repository } from '../../../src/oci/repository.ts';
import { bytesBody } from '../../../src/oci/request.ts';
import { listTags } from '../../../src/oci/tags.ts';
import { decodeManifest } from '../../../src/pack/manifest.ts';
import { countCases } from '../../helpers/count-cases.ts';
import { fakeFetch, type FakeAnswer, type FakeFetch } from '../../helpers/fake-fetch.ts';
import { openTestStore } from '../../helpers/store-contract-open.ts';
import { readAll } from '../../helpers/store-contract-subject.ts';

/**
 * Reliability plan R12: what the distribution specification asks of a client, clause by clause, against answers that the
 * real registries of the contract suites don't all give. The official conformance suite tests servers, and slipway has none.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
const BLOB = Buffer.from('the bytes of a blob');
const DIGEST = digestOf(BLOB);
const OTHER = digestOf('something else');
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const MANIFEST = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE }));
const ACCOUNT = {
  DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'r.example.com': { auth: btoa('me:the-password') } } }),
};

type Answer = Parameters<typeof fakeFetch>[0];

interface Asked {
  readonly repository: Repository;
  readonly seen: FakeFetch['seen'];
  /** `GET https://…` of each request. */
  lines(): readonly string[];
}

function registry(answer: Answer): Asked {
  const { fetch, seen } = fakeFetch(answer);
  const repository = openRepository({
    ...{ host: 'r.example.com', repository: 'team/app', env: ACCOUNT, homeDirectory: '/nonexistent', fetch },
    ...{ logger: silentLogger, clock: systemClock, counters: { requests: 0, bodyBytesSent: 0 } },
  });
  return { repository, seen, lines: () => seen.map(({ url, request }) => `${request.method} ${url}`) };
}

/** As the product puts it together: with digests checked and what may be repeated repeated, at no cost of time. */
function store(answer: Answer) {
  const { fetch, seen } = fakeFetch(answer);
  const clock = {
    ...systemClock,
    sleep: (ms: number) => new Promise<void>((resolve) => void (ms < 9000 && resolve())),
  };
  const spec = { type: 'registry', host: 'r.example.com', repository: 'team/app' } as const;
  return { store: openTestStore(spec, {}, { fetch, clock }), seen };
}

async function upload(asked: Asked): Promise<void> {
  await uploadBlob(asked.repository, DIGEST, bytesBody(BLOB));
}

/** Starts an upload at this Location, and takes it there. */
const uploadAt =
  (location: string, more: FakeAnswer['headers'] = {}): Answer =>
  (_url, { method }) =>
    method === 'POST'
      ? { status: 202, headers: { location, ...more } }
      : { status: 201, headers: { location: '/v2/x' } };

const manifestAnswer = (headers: FakeAnswer['headers'] = {}, body: Uint8Array = MANIFEST): FakeAnswer => ({
  headers: { 'content-type': MANIFEST_TYPE, ...headers },
  body,
});

type Clause = readonly [clause: string, hold: () => Promise<void>];

const PULL: readonly Clause[] = [
  [
    'content fetched by a digest is verified against that digest',
    async () => {
      const found = await store(() => ({ body: 'other bytes' })).store.readBlob(DIGEST);
      await expect(readAll(found!.body)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    },
  ],
  [
    'the header Docker-Content-Digest is not trusted over the digest asked for',
    async () => {
      const { repository } = registry(() => manifestAnswer({ 'docker-content-digest': digestOf(MANIFEST) }));
      await expect(readManifest(repository, OTHER)).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
    },
  ],
  [
    'a manifest is read by its tag without that header',
    async () => expect(await readManifest(registry(() => manifestAnswer()).repository, 'main')).toEqual(MANIFEST),
  ],
  [
    'a manifest that isn’t what the header says is refused',
    async () => {
      const { repository } = registry(() => manifestAnswer({ 'docker-content-digest': OTHER }));
      await expect(readManifest(repository, 'main')).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
    },
  ],
  [
    'GET and HEAD of a manifest say which types are understood',
    async () => {
      const asked = registry(() => manifestAnswer({ 'docker-content-digest': digestOf(MANIFEST) }));
      await readManifest(asked.repository, 'main');
      await findManifest(asked.repository, 'main');
      expect(asked.seen.map(({ request }) => request.headers['accept'])).toEqual([MANIFEST_TYPE, MANIFEST_TYPE]);
    },
  ],
  [
    'a manifest of another type is none of ours, whatever its body says',
    async () => {
      const { repository } = registry(() =>
        manifestAnswer({ 'content-type': 'application/vnd.oci.image.index.v1+json' }),
      );
      await expect(readManifest(repository, 'main')).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
    },
  ],
  [
    'parameters of the content type don’t matter',
    async () => {
      const { repository } = registry(() => manifestAnswer({ 'content-type': `${MANIFEST_TYPE}; charset=utf-8` }));
      expect(await readManifest(repository, 'main')).toEqual(MANIFEST);
    },
  ],
  [
    '404 means that it isn’t there: manifest, tag, blob, repository',
    async () => {
      const { repository } = registry(() => ({ status: 404 }));
      expect(await readManifest(repository, 'main')).toBeUndefined();
      expect(await findManifest(repository, 'main')).toBeUndefined();
      expect(await openBlob(repository, DIGEST)).toBeUndefined();
      expect(await findBlob(repository, DIGEST)).toBeUndefined();
      expect(await listTags(repository)).toEqual([]);
    },
  ],
  ...[301, 302, 303, 307, 308].map(
    (status): Clause => [
      `a blob may be elsewhere: ${status} is followed`,
      async () => {
        const { repository } = registry((url) =>
          url.host === 'cdn.example.com'
            ? { body: BLOB }
            : { status, headers: { location: 'https://cdn.example.com/x?sig=1' } },
        );
        const opened = await openBlob(repository, DIGEST);
        expect(await readAll(opened!.body)).toEqual(BLOB);
      },
    ],
  ),
  [
    'credentials stay with the registry’s own host',
    async () => {
      const asked = registry((url, { headers }): FakeAnswer => {
        if (url.host === 'cdn.example.com') return { body: BLOB };
        if (headers['authorization'] === undefined)
          return { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } };
        return { status: 307, headers: { location: 'https://cdn.example.com/x' } };
      });
      await openBlob(asked.repository, DIGEST);
      expect(asked.seen.map(({ request }) => request.headers['authorization'] !== undefined)).toEqual([
        false,
        true,
        false,
      ]);
    },
  ],
  [
    'a range is asked for in bytes, and taken when it is that range',
    async () => {
      const asked = registry(() => ({
        status: 206,
        headers: { 'content-range': `bytes 4-18/19` },
        body: BLOB.subarray(4),
      }));
      const opened = await openBlob(asked.repository, DIGEST, { offset: 4 });
      expect(asked.seen[0]?.request.headers['range']).toBe('bytes=4-');
      expect([opened?.offset, await readAll(opened!.body)]).toEqual([4, BLOB.subarray(4)]);
    },
  ],
  [
    'a registry without ranges answers with the whole',
    async () => {
      const opened = await openBlob(registry(() => ({ body: BLOB })).repository, DIGEST, { offset: 4 });
      expect([opened?.offset, await readAll(opened!.body)]).toEqual([0, BLOB]);
    },
  ],
  [
    '416 for a start at the end is an empty rest',
    async () => {
      const opened = await openBlob(registry(() => ({ status: 416 })).repository, DIGEST, { offset: 19 });
      expect(await readAll(opened!.body)).toEqual(Buffer.alloc(0));
    },
  ],
  [
    'another range than asked for is refused',
    async () => {
      const { repository } = registry(() => ({
        status: 206,
        headers: { 'content-range': 'bytes 0-18/19' },
        body: BLOB,
      }));
      await expect(openBlob(repository, DIGEST, { offset: 4 })).rejects.toMatchObject({ code: 'STORE_FAILED' });
    },
  ],
  [
    'HEAD of a tag without the digest header falls back to GET',
    async () => {
      const asked = registry(() => manifestAnswer());
      expect(await findManifest(asked.repository, 'main')).toBe(digestOf(MANIFEST));
      expect(asked.seen.map(({ request }) => request.method)).toEqual(['HEAD', 'GET']);
    },
  ],
  [
    'a manifest of 4 MiB is read, a larger one is not',
    async () => {
      const large = (size: number) => registry(() => manifestAnswer({}, Buffer.alloc(size, ' '))).repository;
      expect((await readManifest(large(MAX_MANIFEST_BYTES), 'main'))?.byteLength).toBe(4 * 1024 * 1024);
      await expect(readManifest(large(MAX_MANIFEST_BYTES + 1), 'main')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    },
  ],
  [
    'digests are checked for their grammar before a path is made of them; `urls` of a descriptor are never followed',
    async () => {
      const document = (layer: object) =>
        Buffer.from(
          JSON.stringify({
            schemaVersion: 2,
            mediaType: MANIFEST_TYPE,
            config: { mediaType: 'x', digest: DIGEST, size: 1 },
            layers: [layer],
          }),
        );
      const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: '../../evil', size: 1 };
      expect(() => decodeManifest(document(layer))).toThrow(expect.objectContaining({ code: 'SNAPSHOT_INVALID' }));
      const foreign = { ...layer, digest: DIGEST, urls: ['https://evil.example.com/x'] };
      let told = '';
      try {
        told = JSON.stringify(decodeManifest(document(foreign)));
      } catch (error) {
        told = (error as Error).message;
      }
      expect(told).not.toContain('evil.example.com');
    },
  ],
];

const PUSH: readonly Clause[] = [
  ...(
    [
      ['absolute', 'https://r.example.com/upload/1', 'https://r.example.com/upload/1?digest='],
      [
        'relative to the host',
        '/v2/team/app/blobs/uploads/1',
        'https://r.example.com/v2/team/app/blobs/uploads/1?digest=',
      ],
      ['relative to the request', '1-session', 'https://r.example.com/v2/team/app/blobs/uploads/1-session?digest='],
      ['with a query of its own', '/u?state=a%2Bb&n=1', 'https://r.example.com/u?state=a%2Bb&n=1&digest='],
      ['no UUID, and opaque', '/some/../odd~place/', 'https://r.example.com/odd~place/?digest='],
    ] as const
  ).map(
    ([kind, location, expected]): Clause => [
      `the Location of an upload is taken as it is: ${kind}`,
      async () => {
        const asked = registry(uploadAt(location));
        await upload(asked);
        expect(asked.lines()[1]).toBe(`PUT ${expected}${encodeURIComponent(DIGEST)}`);
      },
    ],
  ),
  [
    'an upload on another host gets no credentials',
    async () => {
      const asked = registry((url, { method, headers }): FakeAnswer => {
        if (url.host === 'uploads.example.com') return { status: 201 };
        if (headers['authorization'] === undefined)
          return { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } };
        return method === 'POST'
          ? { status: 202, headers: { location: 'https://uploads.example.com/1' } }
          : { status: 500 };
      });
      await upload(asked);
      expect(asked.seen.at(-1)?.url).toContain('https://uploads.example.com/1?digest=');
      expect(asked.seen.at(-1)?.request.headers['authorization']).toBeUndefined();
    },
  ],
  [
    'an upload starts with a POST of no bytes, and is one PUT with length, type and digest',
    async () => {
      const asked = registry(uploadAt('/u'));
      await upload(asked);
      expect(asked.lines()[0]).toBe('POST https://r.example.com/v2/team/app/blobs/uploads/');
      expect(asked.seen[0]?.request.headers['content-length']).toBe('0');
      expect(asked.seen[1]?.request.headers).toMatchObject({
        'content-length': '19',
        'content-type': 'application/octet-stream',
      });
    },
  ],
  [
    'OCI-Chunk-Min-Length asks nothing of an upload that is whole',
    async () => {
      const asked = registry(uploadAt('/u', { 'oci-chunk-min-length': '1000000' }));
      await upload(asked);
      expect(asked.seen.map(({ request }) => request.method)).toEqual(['POST', 'PUT']);
    },
  ],
  [
    'an upload without a Location is an error',
    () => expect(upload(registry(() => ({ status: 202 })))).rejects.toMatchObject({ code: 'STORE_FAILED' }),
  ],
  [
    'success is 201; an answer that accepts but doesn’t confirm is an error',
    async () => {
      const asked = registry((_url, { method }) =>
        method === 'POST' ? { status: 202, headers: { location: '/u' } } : { status: 202 },
      );
      await expect(upload(asked)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    },
  ],
  [
    'the digest that a registry names for an upload isn’t asked for: its lack is no error',
    async () => expect(await upload(registry(uploadAt('/u')))).toBeUndefined(),
  ],
  [
    'a blob that is there is not sent again',
    async () => {
      const { store: opened, seen } = store(() => ({ headers: { 'content-length': '19' } }));
      const blob = { digest: DIGEST, sizeBytes: 19, mediaType: 'application/octet-stream' };
      await opened.writeBlob(blob, async function* () {
        yield BLOB;
      });
      expect(seen.map(({ request }) => request.method)).toEqual(['HEAD']);
    },
  ],
  [
    'a manifest goes out under its own media type, to a tag or a digest',
    async () => {
      const asked = registry(() => ({ status: 201 }));
      await writeManifest(asked.repository, 'main-1', MANIFEST);
      await writeManifest(asked.repository, digestOf(MANIFEST), MANIFEST);
      expect(asked.seen.map(({ request }) => request.headers['content-type'])).toEqual([MANIFEST_TYPE, MANIFEST_TYPE]);
      expect(asked.lines()[1]).toBe(`PUT https://r.example.com/v2/team/app/manifests/${digestOf(MANIFEST)}`);
    },
  ],
  [
    'a blob is mounted by `mount` and `from`, and 201 is all there is to it',
    async () => {
      const asked = registry(() => ({ status: 201, headers: { location: '/v2/x' } }));
      expect(await mountBlob(asked.repository, DIGEST, 'team/other')).toBe(true);
      expect([...new URL(asked.seen[0]!.url).searchParams]).toEqual([
        ['mount', DIGEST],
        ['from', 'team/other'],
      ]);
      expect(asked.seen).toHaveLength(1);
    },
  ],
  [
    'a mount that became an upload session is cancelled by DELETE',
    async () => {
      const asked = registry((_url, { method }) =>
        method === 'POST' ? { status: 202, headers: { location: '/u/1' } } : { status: 204 },
      );
      expect(await mountBlob(asked.repository, DIGEST, 'team/other')).toBe(false);
      expect(asked.lines()[1]).toBe('DELETE https://r.example.com/u/1');
    },
  ],
];

const OTHERS: readonly Clause[] = [
  [
    'tags go on by the Link header as long as there is one, relative links too',
    async () => {
      const page = (tags: readonly string[] | null, link?: string): FakeAnswer => ({
        headers: { 'content-type': 'application/json', ...(link !== undefined && { link }) },
        body: JSON.stringify({ name: 'team/app', tags }),
      });
      const asked = registry(
        (_url, _request, nth) =>
          [
            page(['a'], '</v2/team/app/tags/list?n=1&last=a>; rel="next"'),
            page(['b'], '<list?n=1&last=b>; rel=next'),
            page(null),
          ][nth]!,
      );
      expect(await listTags(asked.repository)).toEqual(['a', 'b']);
      expect(asked.seen.map(({ url }) => new URL(url).searchParams.get('last'))).toEqual([null, 'a', 'b']);
    },
  ],
  [
    'an unknown error code is an error like others, and shown',
    async () => {
      const body = JSON.stringify({ errors: [{ code: 'NEW_IN_2030', message: 'not today', detail: { any: 1 } }] });
      const { repository } = registry(() => ({ status: 400, headers: { 'content-type': 'application/json' }, body }));
      await expect(writeManifest(repository, 'main', MANIFEST)).rejects.toThrow(/NEW_IN_2030: not today/);
    },
  ],
  [
    '401 is answered as WWW-Authenticate says: with a token of the named realm, service and scope',
    async () => {
      const asked = registry((url, { headers }): FakeAnswer => {
        if (url.pathname === '/token')
          return { headers: { 'content-type': 'application/json' }, body: '{"access_token":"abc"}' };
        const challenge = 'Bearer realm="https://r.example.com/token",service="r",scope="repository:team/app:pull"';
        return headers['authorization'] === 'Bearer abc'
          ? { status: 404 }
          : { status: 401, headers: { 'www-authenticate': challenge } };
      });
      expect(await findBlob(asked.repository, DIGEST)).toBeUndefined();
      const token = new URL(asked.seen[1]!.url);
      expect([token.searchParams.get('service'), token.searchParams.get('scope')]).toEqual([
        'r',
        'repository:team/app:pull',
      ]);
    },
  ],
  ...[502, 503, 504].map(
    (status): Clause => [
      `${status} is a passing condition: asked again`,
      async () => {
        const { store: opened, seen } = store((_url, _request, nth) => (nth === 0 ? { status } : { status: 404 }));
        expect(await opened.hasBlob(DIGEST)).toBe(false);
        expect(seen).toHaveLength(2);
      },
    ],
  ),
  [
    'a 4xx is final',
    async () => {
      const { store: opened, seen } = store(() => ({ status: 400 }));
      await expect(opened.hasBlob(DIGEST)).rejects.toMatchObject({ code: 'STORE_FAILED' });
      expect(seen).toHaveLength(1);
    },
  ],
  [
    '429 waits as long as Retry-After says',
    async () => {
      const { store: opened, seen } = store((_url, _request, nth) =>
        nth === 0 ? { status: 429, headers: { 'retry-after': '2' } } : { status: 404 },
      );
      expect(await opened.hasBlob(DIGEST)).toBe(false);
      expect(seen).toHaveLength(2);
    },
  ],
  [
    'what is deleted already, or never was, is deleted',
    async () => {
      const { repository } = registry(() => ({ status: 404 }));
      await deleteTag(repository, 'main');
      await deleteBlob(repository, DIGEST);
    },
  ],
  ...[400, 405].map(
    (status): Clause => [
      `a registry that deletes by digest only (${status} for a tag) is given the digest`,
      async () => {
        const asked = registry((url, { method }) => {
          if (method !== 'DELETE') return manifestAnswer({ 'docker-content-digest': digestOf(MANIFEST) });
          return url.pathname.endsWith('/main') ? { status } : { status: 202 };
        });
        await deleteTag(asked.repository, 'main');
        expect(asked.lines().at(-1)).toBe(`DELETE https://r.example.com/v2/team/app/manifests/${digestOf(MANIFEST)}`);
      },
    ],
  ),
  [
    'names and tags keep to the grammar',
    async () => {
      for (const bad of [
        'r.example.com/Team/app',
        'r.example.com/team//app',
        'r.example.com/-team',
        'r.example.com/a b',
      ]) {
        expect('reference' in parseReference(bad), bad).toBe(false);
      }
      expect([isTag('a'.repeat(128)), isTag('a'.repeat(129)), isTag('.a'), isTag('-a'), isTag('_a')]).toEqual([
        true,
        false,
        false,
        false,
        true,
      ]);
    },
  ],
];

const CLAUSES: Readonly<Record<string, readonly Clause[]>> = { pull: PULL, push: PUSH, others: OTHERS };

describe.each(Object.entries(CLAUSES))('what is asked of a client: %s', (_, clauses) => {
  test.each(clauses)('%s', (_clause, hold) => hold());
});

test('at least thirty clauses', () => {
  const all = Object.values(CLAUSES).flat();
  expect(all.length).toBeGreaterThanOrEqual(30);
  expect(new Set(all.map(([clause]) => clause)).size).toBe(all.length);
  countCases({ suite: 'R12', what: 'clauses', cases: all.length });
});
