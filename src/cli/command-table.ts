import type { FlagSpec, ParsedWords } from './flag-words.ts';
import type { CliIo } from './io.ts';

/** A command as `main` knows it; its code is loaded only when it is called. */
export interface CommandEntry {
  readonly name: string;
  readonly load: () => Promise<LoadedCommand>;
}

export interface LoadedCommand {
  readonly flags: readonly FlagSpec[];
  readonly run: (parsed: ParsedWords, io: CliIo) => Promise<number>;
  readonly help: CommandHelp;
  /** The help of each verb, for a command that has verbs. */
  readonly verbs?: readonly { readonly name: string; readonly help: CommandHelp }[];
}

export interface CommandHelp {
  readonly summary: string;
  readonly usage: string;
  readonly sections: readonly { readonly title: string; readonly flags: readonly FlagSpec[] }[];
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
}

/** Every verb of slipway. Completion, man page and reference can walk this table. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'build', load: async () => (await import('./commands/build.ts')).buildCommand },
  { name: 'restore', load: async () => (await import('./commands/restore.ts')).restoreCommand },
  { name: 'save', load: async () => (await import('./commands/restore.ts')).saveCommand },
  { name: 'run', load: async () => (await import('./commands/run.ts')).runCommand },
  { name: 'prefetch', load: async () => (await import('./commands/prefetch.ts')).prefetchCommand },
  { name: 'lint', load: async () => (await import('./commands/lint.ts')).lintCommand },
  { name: 'init', load: async () => (await import('./commands/init.ts')).initCommand },
  { name: 'explain', load: async () => (await import('./commands/explain.ts')).explainCommand },
  { name: 'bench', load: async () => (await import('./commands/bench.ts')).benchCommand },
  { name: 'report', load: async () => (await import('./commands/report.ts')).reportCommand },
  { name: 'audit', load: async () => (await import('./commands/audit.ts')).auditCommand },
  { name: 'doctor', load: async () => (await import('./commands/doctor.ts')).doctorCommand },
  { name: 'cache', load: async () => (await import('./commands/cache.ts')).cacheCommand },
  { name: 'gocacheprog', load: async () => (await import('./commands/gocacheprog.ts')).gocacheprogCommand },
  { name: 'key', load: async () => (await import('./commands/key.ts')).keyCommand },
  { name: 'completion', load: async () => (await import('./commands/completion.ts')).completionCommand },
  { name: 'config', load: async () => (await import('./commands/config.ts')).configCommand },
];
