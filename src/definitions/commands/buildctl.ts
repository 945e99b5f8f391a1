import { type Argument, type Flag, type FlagWords, readFlags } from './flags.ts';

/** `buildctl build` says the same with `--local`, `--opt`, `--import-cache` and `--export-cache`. */
export function readBuildctl(words: readonly Argument[]): FlagWords {
  const read = readFlags(words);
  const flags: Flag[] = [];
  const positionals: Argument[] = [];
  for (const flag of read.flags) {
    const [key = '', ...rest] = (flag.value?.text ?? '').split('=');
    const value = flag.value === undefined ? undefined : { ...flag.value, text: rest.join('='), isExact: false };
    if (flag.name === '--local' && key === 'context' && value !== undefined) positionals.push(value);
    else if (flag.name === '--opt' && key === 'filename') flags.push({ ...flag, name: '--file', value });
    else if (flag.name === '--opt' && (key === 'target' || key === 'platform'))
      flags.push({ ...flag, name: `--${key}`, value });
    else if (flag.name === '--opt' && key.startsWith('build-arg:') && value !== undefined)
      flags.push({ ...flag, name: '--build-arg', value: { ...value, text: `${key.slice(10)}=${value.text}` } });
    else if (flag.name === '--import-cache') flags.push({ ...flag, name: '--cache-from' });
    else if (flag.name === '--export-cache') flags.push({ ...flag, name: '--cache-to' });
    else flags.push(flag);
  }
  return { flags, positionals, isOpen: read.isOpen };
}
