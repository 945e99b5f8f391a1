import { sign, type KeyObject } from 'node:crypto';

/**
 * An X.509 certificate (RFC 5280) with the least that Go's verifier wants, put together by hand: Node can't make one.
 * `address` is the IPv4 address of the server that shows it; without one it is good for signatures only.
 */
export function selfSigned(publicKey: KeyObject, privateKey: KeyObject, address?: string): Buffer {
  const algorithm = der(0x30, der(0x06, Buffer.from('2a864886f70d01010b', 'hex')), der(0x05));
  const commonName = der(0x30, der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from('slipway test')));
  const name = der(0x30, der(0x31, commonName));
  const validity = der(0x30, ...[-1, 1].map((days) => der(0x17, Buffer.from(utcTime(days)))));
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(address === undefined ? [] : [alternativeName(address)]),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]);
  return der(0x30, body, algorithm, der(0x03, signature));
}

function alternativeName(address: string): Buffer {
  const name = der(0x30, der(0x87, Buffer.from(address.split('.').map(Number))));
  return der(0xa3, der(0x30, der(0x30, der(0x06, Buffer.from('551d11', 'hex')), der(0x04, name))));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function utcTime(daysFromNow: number): string {
  const date = new Date(Date.now() + daysFromNow * 86_400_000).toISOString();
  return `${date.slice(2, 19).replace(/[-T:]/g, '')}Z`;
}

export function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
