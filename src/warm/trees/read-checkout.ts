import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseGoMod } from '../../golang/module/parse-go-mod.ts';
import { parseGoWork } from '../../golang/module/parse-go-work.ts';
import { readGoHeader } from '../../golang/source/go-header.ts';
import type { CheckoutNeeds } from '../../golang/trees/close-imports.ts';
import { forEachLimited } from '../../store/each-limited.ts';
import { walkCheckout } from '../walk-checkout.ts';

const READS_AT_ONCE = 16;

/**
 * What the Go files of a build ask for: all below its context and its named local contexts, of every module there and for
 * every platform. `.dockerignore` doesn't count: what is asked for in vain costs some directories and no more.
 */
export async function readCheckoutNeeds(directories: readonly string[], signal: AbortSignal): Promise<CheckoutNeeds> {
  const files: string[] = [];
  for await (const { path: directory, files: names } of walkCheckout(directories, signal)) {
    for (const name of names) if (/\.(?:go|mod|work)$/.test(name)) files.push(path.join(directory, name));
  }
  const imports = new Set<string>();
  const replaced: { old: string; by: string }[] = [];
  await forEachLimited(files, { concurrency: READS_AT_ONCE, signal }, async (file) => {
    const text = await readFile(file, 'utf8');
    if (file.endsWith('.go')) {
      for (const imported of readGoHeader(text).imports) imports.add(imported);
      return;
    }
    const { tools, replaces } = file.endsWith('.mod') ? parseGoMod(text) : { ...parseGoWork(text), tools: [] };
    for (const tool of tools) imports.add(tool.path);
    for (const line of replaces) if (!line.isLocal) replaced.push({ old: line.old.path, by: line.new.path });
  });
  return { imports, replaced };
}
