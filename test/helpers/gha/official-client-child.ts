import { createRequire } from 'node:module';
import { restoreCache, saveCache } from '@actions/cache';
import type { OfficialCall } from './official-client.ts';

/** What `official-client.ts` asks for, as JSON in the first argument. The answer is the last line. */
const call = JSON.parse(process.argv[2] ?? '{}') as OfficialCall;

/** What is used of the client for block blobs that comes with `@actions/cache`. */
interface AzureClient {
  readonly BlockBlobClient: new (
    url: string,
  ) => {
    uploadFile(path: string, options: object): Promise<unknown>;
    downloadToBuffer(offset: number, count: number | undefined, options: object): Promise<Buffer>;
  };
}

async function run(): Promise<unknown> {
  switch (call.call) {
    case 'save':
      return saveCache([...call.paths], call.key);
    case 'restore':
      return restoreCache([...call.paths], call.key, [...(call.restoreKeys ?? [])]);
    case 'upload-blocks': {
      const blocks = { maxSingleShotSize: call.blockBytes, blockSize: call.blockBytes };
      await openBlob(call.url).uploadFile(call.file, blocks);
      return call.file;
    }
    case 'download-ranges': {
      const ranges = { blockSize: call.blockBytes, concurrency: 2 };
      return (await openBlob(call.url).downloadToBuffer(0, undefined, ranges)).toString('base64');
    }
  }
}

function openBlob(url: string): InstanceType<AzureClient['BlockBlobClient']> {
  const require = createRequire(import.meta.resolve('@actions/cache'));
  const { BlockBlobClient } = require('@azure/storage-blob') as AzureClient;
  return new BlockBlobClient(url);
}

process.stdout.write(`\nresult:${JSON.stringify((await run()) ?? null)}\n`);
