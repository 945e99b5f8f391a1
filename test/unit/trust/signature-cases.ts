import { digestOf } from '../../../src/core/digest.ts';
import type { PackRecord, Snapshot } from '../../../src/pack/types.ts';
import { encodeFields, encodeStatement } from '../../../src/trust/statement.ts';
import type { SnapshotProblem, TrustPolicy } from '../../../src/trust/verify-snapshot.ts';
import { packRecord } from '../pack/snapshot-fixtures.ts';
import {
  DAY_MS,
  FACTS,
  forged,
  MAIN,
  manifestOf,
  NOW_MS,
  OTHER,
  POLICY,
  REPOSITORY,
  signatureText,
  signaturesOf,
  signed,
  signedOver,
  SNAPSHOT,
  STRANGER,
  trusted,
  unsigned,
  withSignatures,
  type Documents,
  type FactName,
} from './trust-fixtures.ts';

/** What a reader must say of a snapshot. `refused`: the documents don't fit together, and nothing is judged. */
export interface SignatureCase {
  readonly name: string;
  readonly documents: Documents | (() => Documents);
  readonly says: SnapshotProblem | 'signed' | 'refused';
  readonly policy?: Partial<TrustPolicy>;
  readonly nowMs?: number;
}

const withFact =
  (key: string, value: string | undefined) =>
  (snapshot: Snapshot): Snapshot => {
    const { [key]: _, ...rest } = snapshot.facts;
    return { ...snapshot, facts: value === undefined ? rest : { ...rest, [key]: value } };
  };
const withPack =
  (index: number, change: (pack: PackRecord) => PackRecord) =>
  (snapshot: Snapshot): Snapshot => ({
    ...snapshot,
    packs: snapshot.packs.map((pack, at) => (at === index ? change(pack) : pack)),
  });
const altered = (name: string, change: (snapshot: Snapshot) => Snapshot): SignatureCase => ({
  name,
  documents: () => forged(change),
  says: 'altered',
});

const FACT_NAMES = Object.keys(FACTS) as FactName[];

/** Every field that T1 names, and every member beside them, in another form. */
const FIELDS: readonly SignatureCase[] = [
  ...FACT_NAMES.flatMap((fact) => [
    altered(`${fact}: another text`, withFact(fact, 'another')),
    altered(`${fact}: one character more`, withFact(fact, `${FACTS[fact]}x`)),
    altered(`${fact}: one character less`, withFact(fact, FACTS[fact].slice(0, -1))),
    altered(`${fact}: not stated`, withFact(fact, undefined)),
  ]),
  altered('a fact that was not stated', withFact('extra', 'x')),
  altered('scope: another one', (snapshot) => ({ ...snapshot, scope: 'release' })),
  altered('scope: a trailing space', (snapshot) => ({ ...snapshot, scope: 'main ' })),
  altered('scope: other capitals', (snapshot) => ({ ...snapshot, scope: 'Main' })),
  altered('sequence: the next', (snapshot) => ({ ...snapshot, sequence: 8 })),
  altered('sequence: the highest', (snapshot) => ({ ...snapshot, sequence: 999_999_999_999_999 })),
  altered('sequence: 0', (snapshot) => ({ ...snapshot, sequence: 0 })),
  altered('nonce', (snapshot) => ({ ...snapshot, nonce: '0123abce' })),
  altered('creation time: made young again', (snapshot) => ({ ...snapshot, createdAtMs: NOW_MS })),
  altered('creation time: a millisecond', (snapshot) => ({ ...snapshot, createdAtMs: snapshot.createdAtMs + 1 })),
  altered('parents: none', (snapshot) => ({ ...snapshot, merged: [] })),
  altered('parents: one less', (snapshot) => ({ ...snapshot, merged: snapshot.merged.slice(1) })),
  altered('parents: one more', (snapshot) => ({ ...snapshot, merged: [...snapshot.merged, '9-eeeeeeee'] })),
  altered('parents: another one', (snapshot) => ({ ...snapshot, merged: ['4-00000000', '6-ffffffff'] })),
  altered('parents: another order', (snapshot) => ({ ...snapshot, merged: snapshot.merged.toReversed() })),
  altered('history', (snapshot) => ({ ...snapshot, history: [] })),
  altered('owners', (snapshot) => ({ ...snapshot, owners: { gocache: '0:0' } })),
  altered(
    'ages',
    withPack(0, (pack) => ({ ...pack, ages: Uint8Array.from([9, 9, 9]) })),
  ),
  altered(
    'pack: an evil one in its place',
    withPack(0, () => packRecord('evil')),
  ),
  altered(
    'pack: another digest',
    withPack(0, (pack) => ({ ...pack, digest: digestOf('evil') })),
  ),
  altered(
    'pack: another size',
    withPack(0, (pack) => ({ ...pack, sizeBytes: pack.sizeBytes + 1 })),
  ),
  altered(
    'pack: another diff ID',
    withPack(0, (pack) => ({ ...pack, diffId: digestOf('evil') })),
  ),
  altered(
    'pack: another unpacked size',
    withPack(0, (pack) => ({ ...pack, uncompressedBytes: 1 })),
  ),
  altered(
    'pack: another number of entries',
    withPack(1, (pack) => ({ ...pack, entryCount: 2, ages: new Uint8Array(2) })),
  ),
  altered(
    'pack: the other kind of mount',
    withPack(0, (pack) => ({ ...pack, kind: 'gomodcache' })),
  ),
  altered('both packs: their kinds swapped', (snapshot) => ({
    ...snapshot,
    packs: snapshot.packs.map((pack) => ({ ...pack, kind: pack.kind === 'gocache' ? 'gomodcache' : 'gocache' })),
  })),
  altered(
    'entry list: another digest',
    withPack(0, (pack) => ({
      ...pack,
      entryList: { ...pack.entryList, digest: digestOf('evil') },
    })),
  ),
  altered(
    'entry list: another size',
    withPack(0, (pack) => ({
      ...pack,
      entryList: { ...pack.entryList, sizeBytes: pack.entryList.sizeBytes + 1 },
    })),
  ),
  altered(
    'entry list and pack swapped',
    withPack(0, (pack) => ({
      ...pack,
      ...{ digest: pack.entryList.digest, sizeBytes: pack.entryList.sizeBytes, diffId: pack.entryList.diffId },
      entryList: { digest: pack.digest, sizeBytes: pack.sizeBytes, diffId: pack.diffId },
    })),
  ),
  altered('packs: the last one left out', (snapshot) => ({ ...snapshot, packs: snapshot.packs.slice(0, -1) })),
  altered('packs: none', (snapshot) => ({ ...snapshot, packs: [] })),
  altered('packs: one more', (snapshot) => ({ ...snapshot, packs: [...snapshot.packs, packRecord('evil')] })),
  altered('packs: another order', (snapshot) => ({ ...snapshot, packs: snapshot.packs.toReversed() })),
];

/** A character moves from the end of one field to the front of the next: what joined texts can't tell apart. */
const SHIFTS: readonly SignatureCase[] = (
  [
    ['repository', 'ref'],
    ['ref', 'event'],
    ['event', 'workflow'],
    ['workflow', 'builder'],
    ['builder', 'goVersion'],
    ['goVersion', 'platform'],
    ['platform', 'writer'],
  ] as const
).flatMap(([one, next]) => [
  altered(`from ${one} to ${next}`, (snapshot) =>
    withFact(next, FACTS[one].slice(-1) + FACTS[next])(withFact(one, FACTS[one].slice(0, -1))(snapshot)),
  ),
  altered(`from ${next} to ${one}`, (snapshot) =>
    withFact(one, FACTS[one] + FACTS[next].slice(0, 1))(withFact(next, FACTS[next].slice(1))(snapshot)),
  ),
  altered(`all of ${next} to ${one}`, (snapshot) =>
    withFact(one, FACTS[one] + FACTS[next])(withFact(next, undefined)(snapshot)),
  ),
]);

const MORE_SHIFTS: readonly SignatureCase[] = [
  altered('from repository to scope', (snapshot) => ({
    ...withFact('repository', REPOSITORY.slice(0, -1))(snapshot),
    scope: `${REPOSITORY.slice(-1)}main`,
  })),
  altered('from scope to sequence', (snapshot) => ({ ...snapshot, scope: 'mai', sequence: 17 })),
  altered('from sequence to nonce', (snapshot) => ({ ...snapshot, sequence: 70, nonce: '123abcd0' })),
  altered('two parents as one', (snapshot) => ({ ...snapshot, merged: ['5-00000000', '66-fffffff0'] })),
];

const statement = encodeStatement(manifestOf(), SNAPSHOT);
const fieldsOf = (bytes: Uint8Array): string[] => {
  const fields: string[] = [];
  const view = Buffer.from(bytes);
  for (let at = 0; at < view.length; ) {
    const length = view.readUInt32BE(at);
    fields.push(view.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
};
const fields = fieldsOf(statement);
const over = (name: string, bytes: Uint8Array): SignatureCase => ({
  name: `a signature over ${name}`,
  documents: () => signedOver(bytes),
  says: 'altered',
});

/** A right signature by the right key, over something else: object kinds that must not be taken for each other. */
const KINDS: readonly SignatureCase[] = [
  { name: 'a signature over the statement', documents: () => signedOver(statement), says: 'signed' },
  over('nothing', Buffer.alloc(0)),
  over('the statement of another kind of document', encodeFields(['slipway pack', ...fields.slice(1)])),
  over('the statement of another version', encodeFields(['slipway snapshot', '2', ...fields.slice(2)])),
  over('the statement without its kind', encodeFields(fields.slice(1))),
  over('the statement without its last field', encodeFields(fields.slice(0, -1))),
  over('the statement with a field more', encodeFields([...fields, ''])),
  over('the statement twice', Buffer.concat([statement, statement])),
  over('the fields, joined', Buffer.from(fields.join(''))),
  over('the fields, joined by newlines', Buffer.from(fields.join('\n'))),
  over('the manifest', unsigned().manifest),
  over('the config', unsigned().config),
  over('the digest of the manifest', Buffer.from(digestOf(unsigned().manifest))),
  over('the digest of the config', Buffer.from(digestOf(unsigned().config))),
  over('the digest of the statement', Buffer.from(digestOf(statement))),
];

const allowed = (scopes: readonly string[] | undefined): Partial<TrustPolicy> => ({
  keys: [trusted(MAIN, { scopes })],
});
const inScope = (scope: string, scopes: readonly string[] | undefined, says: SignatureCase['says']): SignatureCase => ({
  name: `a key for ${scopes === undefined ? 'all scopes' : `[${scopes.join(', ')}]`} and the scope \`${scope}\``,
  documents: () => signed({ ...SNAPSHOT, scope }),
  policy: allowed(scopes),
  says,
});

const SCOPES: readonly SignatureCase[] = [
  inScope('main', undefined, 'signed'),
  inScope('main', ['main'], 'signed'),
  inScope('main', ['release-*', 'main'], 'signed'),
  inScope('release-1.2', ['main', 'release-*'], 'signed'),
  inScope('feature/a/b', ['feature/*'], 'signed'),
  inScope('pr-12', ['pr-*'], 'signed'),
  inScope('main', ['*'], 'signed'),
  inScope('main', [], 'wrong-scope'),
  inScope('main', ['pr-*'], 'wrong-scope'),
  inScope('main', ['Main'], 'wrong-scope'),
  inScope('main', ['mai'], 'wrong-scope'),
  inScope('main', ['main2'], 'wrong-scope'),
  inScope('main', ['main/*'], 'wrong-scope'),
  inScope('main', ['.*'], 'wrong-scope'),
  inScope('mainframe', ['main'], 'wrong-scope'),
  inScope('pr-12', ['main', 'release-*'], 'wrong-scope'),
  inScope('xpr-12', ['pr-*'], 'wrong-scope'),
  inScope('release', ['release-*'], 'wrong-scope'),
];

const inRepository = (repository: string | undefined, mine: string, says: SignatureCase['says']): SignatureCase => ({
  name: `signed for ${repository ?? 'no repository'}, read in ${mine === '' ? 'none' : mine}`,
  documents: () => signed(withFact('repository', repository)(SNAPSHOT)),
  policy: { repository: mine },
  says,
});

const REPOSITORIES: readonly SignatureCase[] = [
  inRepository(REPOSITORY, REPOSITORY, 'signed'),
  inRepository(undefined, '', 'signed'),
  inRepository('example.com/team/other', REPOSITORY, 'wrong-repository'),
  inRepository('example.org/team/app', REPOSITORY, 'wrong-repository'),
  inRepository('example.com/team/app2', REPOSITORY, 'wrong-repository'),
  inRepository('example.com/team', REPOSITORY, 'wrong-repository'),
  inRepository(undefined, REPOSITORY, 'wrong-repository'),
  inRepository(REPOSITORY, '', 'wrong-repository'),
];

const at = (name: string, nowMs: number, says: SignatureCase['says'], maxAgeMs = 30 * DAY_MS): SignatureCase => ({
  name,
  documents: () => signed(),
  policy: { maxAgeMs },
  nowMs,
  says,
});
const BORN = SNAPSHOT.createdAtMs;

const TIMES: readonly SignatureCase[] = [
  at('as it was signed', BORN, 'signed'),
  at('30 days later', BORN + 30 * DAY_MS, 'signed'),
  at('30 days and a millisecond later', BORN + 30 * DAY_MS + 1, 'expired'),
  at('a year later', BORN + 365 * DAY_MS, 'expired'),
  at('by a clock that is 10 days behind', BORN - 10 * DAY_MS, 'signed'),
  at('by a clock that is 31 days behind', BORN - 31 * DAY_MS, 'expired'),
  at('by a clock that stands at 1970', 0, 'expired'),
  at('a day later, where an hour counts', BORN + DAY_MS, 'expired', DAY_MS / 24),
  at('a year later, where two years count', BORN + 365 * DAY_MS, 'signed', 730 * DAY_MS),
];

const good = signaturesOf(signed());
const goodBase64 = good.split(':')[2] ?? '';
const keyId = MAIN.publicKey.keyId;
const strange = signatureText(STRANGER, statement);
const wrong = signatureText(STRANGER, statement, keyId);
const second = signatureText(OTHER, statement);
const both: Partial<TrustPolicy> = { keys: [trusted(MAIN), trusted(OTHER)] };
const texts = (
  name: string,
  text: string,
  says: SignatureCase['says'],
  policy?: Partial<TrustPolicy>,
): SignatureCase => ({
  name,
  documents: () => withSignatures(unsigned(), text),
  says,
  ...(policy === undefined ? {} : { policy }),
});

const SIGNERS: readonly SignatureCase[] = [
  { name: 'no signature', documents: () => unsigned(), says: 'unsigned' },
  texts('an unknown signer', strange, 'unknown-signer'),
  texts("an unknown signer under a trusted one's id", wrong, 'altered'),
  texts("a trusted signer's signature under an unknown id", good.replace(keyId, '0123456789abcdef'), 'unknown-signer'),
  texts('no keys that are trusted', good, 'unknown-signer', { keys: [] }),
  texts('another trusted key only', good, 'unknown-signer', { keys: [trusted(OTHER)] }),
  texts("another key under this one's id", good, 'altered', { keys: [{ ...trusted(OTHER), keyId }] }),
  texts('both keys under one id, the right one last', good, 'signed', {
    keys: [{ ...trusted(OTHER), keyId }, trusted(MAIN)],
  }),
  texts('two signatures', `${good},${second}`, 'signed', both),
  texts('two signatures in the other order', `${second},${good}`, 'signed', both),
  texts('two signatures, the keys in the other order', `${good},${second}`, 'signed', {
    keys: both.keys?.toReversed() ?? [],
  }),
  texts('two signatures, one key known', `${second},${good}`, 'signed'),
  texts('two signatures, both unknown', `${strange},${second}`, 'unknown-signer'),
  texts('a wrong one before a right one of the same key', `${wrong},${good}`, 'signed'),
  texts('a right one before a wrong one of the same key', `${good},${wrong}`, 'signed'),
  texts('a wrong one and a right one of an unknown key', `${wrong},${strange}`, 'altered'),
  texts('the same one twice', `${good},${good}`, 'signed'),
  texts('15 strange ones and a right one', [...Array<string>(15).fill(strange), good].join(','), 'signed'),
  texts('two signers, the one for this scope second', `${good},${second}`, 'signed', {
    keys: [trusted(MAIN, { scopes: ['pr-*'] }), trusted(OTHER, { scopes: ['main'] })],
  }),
  texts('two signers, none for this scope', `${good},${second}`, 'wrong-scope', {
    keys: [trusted(MAIN, { scopes: ['pr-*'] }), trusted(OTHER, { scopes: ['dev-*'] })],
  }),
  texts(
    'a signer for another scope beside a wrong one for this',
    `${good},${signatureText(STRANGER, statement, OTHER.publicKey.keyId)}`,
    'wrong-scope',
    {
      keys: [trusted(MAIN, { scopes: ['pr-*'] }), trusted(OTHER, { scopes: ['main'] })],
    },
  ),
];

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
function nextDigit(digit: string): string {
  return ALPHABET[ALPHABET.indexOf(digit) + 1] ?? '';
}

const malformed = (name: string, text: string): SignatureCase => texts(name, text, 'malformed-signature');

const TEXTS: readonly SignatureCase[] = [
  malformed('an empty text', ''),
  malformed('a lone comma', ','),
  malformed('a comma in front', `,${good}`),
  malformed('a comma behind', `${good},`),
  malformed('a space behind', `${good} `),
  malformed('a newline behind', `${good}\n`),
  malformed('a NUL behind', `${good}\0`),
  malformed('a byte order mark in front', `\uFEFF${good}`),
  malformed('joined by a space', `${good} ${second}`),
  malformed('17 signatures', Array<string>(17).fill(good).join(',')),
  malformed('a mebibyte of signatures', Array<string>(9_000).fill(good).join(',')),
  malformed('a mebibyte of one digit', `ed25519:${keyId}:${'A'.repeat(1 << 20)}==`),
  malformed('three mebibytes of commas', ','.repeat(3 << 20)),
  malformed('another algorithm', good.replace('ed25519', 'rsa')),
  malformed('the algorithm in capitals', good.replace('ed25519', 'ED25519')),
  malformed('no algorithm', good.replace('ed25519:', '')),
  malformed('an id in capitals', good.replace(keyId, keyId.toUpperCase())),
  malformed('an id of 15 digits', good.replace(keyId, keyId.slice(1))),
  malformed('an id of 17 digits', good.replace(keyId, `0${keyId}`)),
  malformed('no id', good.replace(keyId, '')),
  malformed('base64 without padding', good.replace('==', '')),
  malformed('base64 with half the padding', good.replace('==', '=')),
  malformed('base64 with too much padding', `${good}=`),
  malformed('base64 for URLs', `ed25519:${keyId}:-_${goodBase64.slice(2)}`),
  malformed('base64 with a space', `ed25519:${keyId}:${goodBase64.slice(0, 40)} ${goodBase64.slice(41)}`),
  malformed('base64 with a character of another alphabet', `ed25519:${keyId}:${goodBase64.slice(0, -3)}ä==`),
  malformed('63 bytes', `ed25519:${keyId}:${Buffer.from(goodBase64, 'base64').subarray(1).toString('base64')}`),
  malformed(
    '65 bytes',
    `ed25519:${keyId}:${Buffer.concat([Buffer.from(goodBase64, 'base64'), Buffer.alloc(1)]).toString('base64')}`,
  ),
  malformed('no bytes', `ed25519:${keyId}:`),
  malformed('hex', `ed25519:${keyId}:${Buffer.from(goodBase64, 'base64').toString('hex')}`),
  malformed('JSON', JSON.stringify([{ keyId, signature: goodBase64 }])),
  // The last digit before the padding has four bits that no byte holds: 16 spellings of one signature but for this rule.
  malformed(
    'base64 with bits that no byte holds',
    good.replace(/.==$/, (end) => `${nextDigit(end[0] ?? '')}==`),
  ),
];

/** Changes the text of the signed manifest or config; the other document stays. */
const raw = (name: string, change: (text: string) => string, says: SignatureCase['says']): SignatureCase => ({
  name,
  documents: () => {
    const { manifest, config } = signed();
    return { config, manifest: Buffer.from(change(String(manifest))) };
  },
  says,
});
const annotations =
  (value: string) =>
  (text: string): string =>
    text.replace(/"annotations":.*$/, `"annotations":${value}}`);
const insertFirst =
  (member: string) =>
  (text: string): string =>
    text.replace('{', `{${member},`);
const insertLast =
  (member: string) =>
  (text: string): string =>
    text.replace(/\}$/, `,${member}}`);
const evilLayers = `"layers":${JSON.stringify(JSON.parse(String(unsigned({ ...SNAPSHOT, packs: [packRecord('evil')] }).manifest)).layers)}`;

const DOCUMENTS: readonly SignatureCase[] = [
  raw('annotations: none', annotations('{}'), 'unsigned'),
  raw('annotations: null', annotations('null'), 'unsigned'),
  raw('annotations: a list', annotations('[]'), 'unsigned'),
  raw('annotations: a text', annotations('"x"'), 'unsigned'),
  raw('annotations: other ones only', annotations('{"org.opencontainers.image.title":"x"}'), 'unsigned'),
  raw('annotations: the key in capitals', annotations(`{"dev.slipway.Signatures":"${good}"}`), 'unsigned'),
  raw('the signatures as a list', annotations(`{"dev.slipway.signatures":["${good}"]}`), 'malformed-signature'),
  raw('the signatures as a number', annotations('{"dev.slipway.signatures":1}'), 'malformed-signature'),
  raw('the signatures as null', annotations('{"dev.slipway.signatures":null}'), 'malformed-signature'),
  raw(
    'the signatures twice, the right ones last',
    annotations(`{"dev.slipway.signatures":"x","dev.slipway.signatures":"${good}"}`),
    'signed',
  ),
  raw(
    'the signatures twice, the right ones first',
    annotations(`{"dev.slipway.signatures":"${good}","dev.slipway.signatures":"x"}`),
    'malformed-signature',
  ),
  raw('the signatures behind __proto__', annotations(`{"__proto__":{"dev.slipway.signatures":"${good}"}}`), 'unsigned'),
  raw('annotations twice, the empty ones last', insertLast('"annotations":{}'), 'unsigned'),
  raw('annotations twice, the empty ones first', insertFirst('"annotations":{}'), 'signed'),
  raw(
    'another annotation beside it',
    annotations(`{"a":"${'x'.repeat(1 << 20)}","dev.slipway.signatures":"${good}"}`),
    'signed',
  ),
  raw(
    'more annotations than a manifest may have',
    annotations(`{"a":"${'x'.repeat(4 << 20)}","dev.slipway.signatures":"${good}"}`),
    'refused',
  ),
  raw(
    'white space and another order of members',
    (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse()), null, 2),
    'signed',
  ),
  raw('layers twice, the evil ones last', insertLast(evilLayers), 'refused'),
  raw('layers twice, the evil ones first', insertFirst(evilLayers), 'signed'),
  raw('an index as well', insertLast('"manifests":[]'), 'refused'),
  raw('another kind of document', (text) => text.replace('manifest.v1', 'index.v1'), 'refused'),
  raw(
    'a config that was not signed',
    (text) => text.replace(/"digest":"sha256:[0-9a-f]{64}"/, `"digest":"${digestOf('evil')}"`),
    'refused',
  ),
  raw('half a manifest', (text) => text.slice(0, text.length >> 1), 'refused'),
  {
    name: 'the config of another snapshot',
    documents: () => ({ manifest: signed().manifest, config: unsigned({ ...SNAPSHOT, sequence: 8 }).config }),
    says: 'refused',
  },
  {
    name: 'a signed manifest over the config of the same snapshot, written otherwise',
    documents: () => ({
      manifest: signed().manifest,
      config: Buffer.from(JSON.stringify(JSON.parse(String(signed().config)), null, 1)),
    }),
    says: 'refused',
  },
];

const unicode = (name: string, from: string, to: string): SignatureCase => ({
  name,
  documents: () => forged((snapshot) => ({ ...snapshot, scope: to }), { ...SNAPSHOT, scope: from }),
  says: 'altered',
});

const UNICODE: readonly SignatureCase[] = [
  { name: 'a scope beyond ASCII', documents: () => signed({ ...SNAPSHOT, scope: 'größe/日本' }), says: 'signed' },
  unicode('a scope composed instead of decomposed', 'gro\u0308\u00DFe', 'gr\u00F6\u00DFe'),
  unicode('a look-alike from another alphabet', 'main', 'm\u0430in'),
  unicode('a wide letter', 'main', 'm\uFF41in'),
];

export const SIGNATURE_CASES: Readonly<Record<string, readonly SignatureCase[]>> = {
  'each signed field': FIELDS,
  'field boundaries': [...SHIFTS, ...MORE_SHIFTS],
  'kinds of documents': KINDS,
  scopes: SCOPES,
  repositories: REPOSITORIES,
  times: TIMES,
  signers: SIGNERS,
  'the text of signatures': TEXTS,
  documents: DOCUMENTS,
  Unicode: UNICODE,
};

export const POLICY_OF = (one: SignatureCase): TrustPolicy => ({ ...POLICY, ...one.policy });
