import { cgoNeedOf } from '../../golang/packages/cgo-need.ts';
import { reachPackages } from '../../golang/packages/reach.ts';
import { findGoFlag } from '../../dockerfile/go-command/read-go-command.ts';
import type { CommandInRun } from '../facts/module-flow.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import { cgoSetting } from './cgo-setting.ts';
import { compiledPrograms } from './compiled-programs.ts';
import { hasCompiler } from './libc.ts';

/** Why a program needs the C library at run time. */
export interface CLinkage {
  /** Packages, for messages. Empty when the program's code isn't known. */
  readonly because: readonly string[];
  readonly isCertain: boolean;
  /** Would it compile without cgo? `unknown`: code that isn't here may use it. */
  readonly withoutCgo: 'yes' | 'unknown' | 'no';
}

/** Does a compile link the C library dynamically? undefined: no, or nothing points to it. */
export function cLinkageOf(build: ImageBuild, compile: CommandInRun): CLinkage | undefined {
  const { run, command } = compile;
  const { go, env } = command;
  const setting = cgoSetting(command);
  if (go === undefined || setting === 'off' || setting === 'unknown' || !hasCompiler(run.stage)) return undefined;
  if ((env.get('GOOS') ?? 'linux') !== 'linux' || isForeign(command)) return undefined;
  const ldflags = findGoFlag(go, 'ldflags')?.value ?? '';
  const isStatic = /-static\b|-static-pie\b/.test(`${ldflags} ${env.get('CGO_LDFLAGS') ?? ''}`);
  if (isStatic || /musl|zig|dietlibc/.test(env.get('CC') ?? '')) return undefined;
  if (go.program !== 'go' || /^(?:c-archive|plugin|shared)$/.test(findGoFlag(go, 'buildmode')?.value ?? ''))
    return undefined;
  const isReadable = !/\$/.test(ldflags) && go.isComplete;
  const programs = compiledPrograms(build, run, command);
  if (programs === undefined) {
    const isHidden = build.module === undefined;
    return isHidden ? { because: [], isCertain: false, withoutCgo: 'no' } : undefined;
  }
  const { tags } = programs.target;
  const need = cgoNeedOf(build.repository.go, programs);
  const { standard } = reachPackages(build.repository.go, programs.mains, programs);
  const own = need.answer === 'yes' || need.answer === 'optional' ? need.because : [];
  const net = tags.includes('netgo') ? [] : [...standard].filter((path) => NET.test(path));
  const user = tags.includes('osusergo') ? [] : [...standard].filter((path) => USER.test(path));
  const because = [...own, ...net, ...user];
  if (because.length === 0) return undefined;
  const withoutCgo = need.answer === 'no' ? 'yes' : need.answer === 'unknown' ? 'unknown' : 'no';
  return { because, isCertain: isReadable, withoutCgo };
}

/** Without a word about cgo, Go switches it off when it compiles for another machine. */
function isForeign({ env, unknown, goEnv }: CommandInRun['command']): boolean {
  if (env.get('CGO_ENABLED') === '1') return false;
  const arch = env.get('GOARCH') ?? goEnv.get('GOARCH');
  return unknown.has('GOARCH') || (arch !== undefined && arch !== '' && arch !== 'amd64');
}

/** Packages of the standard library that bring net's resolver, which asks the C library. */
const NET =
  /^(?:net|net\/(?:http|rpc|smtp|textproto|mail)(?:\/.*)?|crypto\/(?:tls|x509)|log\/syslog|expvar|mime\/multipart)$/;
const USER = /^(?:os\/user|archive\/tar)$/;
