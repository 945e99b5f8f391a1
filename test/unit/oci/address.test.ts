import { expect, test } from 'vitest';
import { isPrivateHost, registryAddress } from '../../../src/oci/address.ts';

test.each([
  ['docker.io', undefined, 'https://registry-1.docker.io', 'https://index.docker.io/v1/'],
  ['example.com', undefined, 'https://example.com', 'example.com'],
  ['example.com:8443', undefined, 'https://example.com:8443', 'example.com:8443'],
  ['example.com', true, 'http://example.com', 'example.com'],
  ['localhost', undefined, 'http://localhost', 'localhost'],
  ['localhost:5000', undefined, 'http://localhost:5000', 'localhost:5000'],
  ['localhost:5000', false, 'https://localhost:5000', 'localhost:5000'],
  ['127.0.0.1:5000', undefined, 'http://127.0.0.1:5000', '127.0.0.1:5000'],
  ['[::1]:5000', undefined, 'http://[::1]:5000', '[::1]:5000'],
  ['localhost.example.com', undefined, 'https://localhost.example.com', 'localhost.example.com'],
  ['10.0.0.5:5000', undefined, 'https://10.0.0.5:5000', '10.0.0.5:5000'],
])('registryAddress(%s, %s)', (host, isInsecure, origin, credentialServer) => {
  expect(registryAddress(host, isInsecure)).toEqual({ host, origin, credentialServer });
});

test.each([
  ...['localhost', '127.0.0.1', '127.8.9.1', '[::1]', '[::]', '10.1.2.3', '172.16.0.1', '172.31.255.255'],
  ...['192.168.1.1', '169.254.169.254', '0.0.0.0', '[fd00::1]', '[fe80::1]'],
])('%s is private', (host) => expect(isPrivateHost(host)).toBe(true));

test.each(['example.com', '8.8.8.8', '172.32.0.1', '172.15.0.1', '192.169.1.1', '[2001:db8::1]', '10.example.com'])(
  '%s is not private',
  (host) => expect(isPrivateHost(host)).toBe(false),
);
