import { onePerPlace } from '../reading/one-per-place.ts';
import { unlessCertain } from '../confidence.ts';
import type { CommandFacts } from '../facts/command.ts';
import type { ImageBuild } from '../facts/image-build.ts';
import type { RunStep } from '../facts/step.ts';
import { settingPlace } from '../reading/setting-place.ts';
import type { BuildRule, Problem } from '../types.ts';

export const proxyBypassed: BuildRule = {
  id: 'proxy-bypassed',
  number: 33,
  subject: 'build',
  group: 'modules',
  severity: 'medium',
  fix: 'unsafe',
  summary: 'public modules are cloned from their repositories instead of taken from the module proxy',
  check: (build) =>
    onePerPlace(build.runs.flatMap((run) => run.commands.flatMap((command) => checkCommand(build, run, command)))),
};

function checkCommand(build: ImageBuild, run: RunStep, command: CommandFacts): readonly Problem[] {
  const { go } = command;
  if (go === undefined || !/^(?:compile|download|query)$/.test(go.kind)) return [];
  const name = bypass(command);
  const isPassed = build.definitions.some(({ buildArgs }) => buildArgs.some((each) => each.name === name));
  if (name === undefined || isPassed) return [];
  const isTool = go.packages.some(({ text }) => text.includes('@'));
  const modules = isTool ? 'some' : publicModules(build, run);
  if (modules === 'none') return [];
  const { file, range, fix } = settingPlace(build, run, { command, name });
  const value = command.env.get(name) ?? command.goEnv.get(name) ?? '';
  const problem = {
    file,
    range,
    message: `${name}=${value} makes Go clone the repository of each public module instead of asking the module proxy`,
    cost: 'minutes of git per cold build, and no copy where a repository is gone or changed',
    severity: 'medium' as const,
    ...(fix === undefined ? {} : { fix }),
  };
  return [unlessCertain(modules === 'some', problem)];
}

/** The variable that says so: `GOPROXY=direct`, or everything private. */
function bypass({ env, goEnv }: CommandFacts): string | undefined {
  const value = (name: string): string => (env.get(name) ?? goEnv.get(name) ?? '').trim();
  if (/^direct(?:$|[,|])/.test(value('GOPROXY'))) return 'GOPROXY';
  // GONOPROXY, where it is set, stands for GOPRIVATE: https://go.dev/ref/mod#environment-variables
  const name = value('GONOPROXY') === '' ? 'GOPRIVATE' : 'GONOPROXY';
  return value(name).split(',').includes('*') ? name : undefined;
}

/** Requirements outside of the module's own organisation. `unknown`: go.mod isn't here. */
function publicModules({ module }: ImageBuild, run: RunStep): 'some' | 'none' | 'unknown' {
  if (module === undefined) return 'unknown';
  if (module.vendor !== undefined && run.mounts.every(({ type }) => type !== 'bind')) return 'none';
  const owner = module.path.split('/').slice(0, 2).join('/');
  const replaced = new Set(module.mod.replaces.filter(({ isLocal }) => isLocal).map(({ old }) => old.path));
  const foreign = module.mod.requires.filter(
    ({ path }) => !replaced.has(path) && path !== owner && !path.startsWith(`${owner}/`) && PUBLIC.test(path),
  );
  return foreign.length > 0 ? 'some' : 'none';
}

/** Hosts whose modules the public proxy serves, for sure. */
const PUBLIC =
  /^(?:github\.com|gitlab\.com|bitbucket\.org|golang\.org|google\.golang\.org|gopkg\.in|go\.uber\.org|k8s\.io|sigs\.k8s\.io|cloud\.google\.com|gorm\.io|go\.opentelemetry\.io|go\.etcd\.io|go\.mongodb\.org)\//;
