import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SlipwayError } from '../core/errors.ts';
import { makeTemporaryDirectory } from '../core/temporary-directory.ts';
import { runChild } from '../process/run-child.ts';
import { streamsResult } from './build-outputs.ts';
import { readInspection, readWorkers, type BuilderFacts } from './builder-facts.ts';
import { planHelperBuildctl, planUserBuildctl } from './buildctl-arguments.ts';
import { planHelperBuildx, planUserBuildx } from './buildx-arguments.ts';
import { createProgressReader, type ProgressReader } from './progress-reader.ts';
import type { Engine, HelperBuild, RunOptions, UserBuild, UserBuildResult } from './types.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** How one of BuildKit's two clients is called; everything else they share. */
interface Client {
  readonly kind: Engine['kind'];
  readonly command: readonly string[];
  readonly env: Env;
  readonly onStart: (pid: number) => void;
  /** Asks the builder about itself. */
  readonly question: readonly string[];
  /** More words of the question, which start nodes that don't run. */
  readonly starting: readonly string[];
  readAnswer(text: string): BuilderFacts;
  planHelper(build: HelperBuild, dockerfileDirectory: string): readonly string[];
  planUser(
    build: UserBuild,
    files: { dockerfileDirectory: string; dockerfileName: string; metadataFile: string },
  ): readonly string[];
}

interface BuildctlOptions {
  readonly kind: 'buildctl' | 'embedded';
  readonly command: string;
  /** With the address that it talks to in `BUILDKIT_HOST`. */
  readonly env: Env;
  readonly description: string;
}

interface BuildxOptions {
  readonly kind: 'buildx';
  readonly command: readonly string[];
  readonly env: Env;
  readonly description: string;
  readonly builder: string | undefined;
}

/** What another process of this machine opens the same builder by. The environment in it may hold secrets. */
export type ClientSpec = BuildctlOptions | BuildxOptions;

/** An engine whose builds are processes of this machine's. */
export interface ClientEngine extends Engine {
  readonly spec: ClientSpec;
  /** Tells the process ID of each client that starts from now on; it leads a process group. */
  onClient(listener: (pid: number) => void): void;
}

/** Undefined for an engine that somebody else made. */
export function asClientEngine(engine: Engine): ClientEngine | undefined {
  return 'spec' in engine && 'onClient' in engine ? (engine as ClientEngine) : undefined;
}

/** The engine again, in another process. A private buildkitd is none of the client's: it must be there. */
export function openClient(spec: ClientSpec): ClientEngine {
  return spec.kind === 'buildx' ? buildxEngine(spec) : buildctlEngine(spec);
}

/** An engine behind `buildctl`. */
export function buildctlEngine(options: BuildctlOptions, dispose?: () => Promise<void>): ClientEngine {
  return clientEngine(
    {
      command: [options.command],
      question: ['debug', 'workers', '--format', '{{json .}}'],
      starting: [],
      readAnswer: (text) => readWorkers(text, options.env['BUILDKIT_HOST'] ?? ''),
      planHelper: (build, directory) => planHelperBuildctl(build, directory, options.env).args,
      planUser: (build, files) => planUserBuildctl(build, files, options.env).args,
    },
    options,
    dispose,
  );
}

/** An engine behind `docker buildx` or the stand-alone `buildx`. */
export function buildxEngine(options: BuildxOptions): ClientEngine {
  return clientEngine(
    {
      command: options.command,
      question: ['inspect', ...(options.builder === undefined ? [] : [options.builder])],
      starting: ['--bootstrap'],
      readAnswer: readInspection,
      planHelper: (build, directory) => planHelperBuildx(build, path.join(directory, 'Dockerfile'), options.builder),
      planUser: (build, files) => {
        const withFile =
          build.fileText === undefined
            ? build
            : { ...build, file: path.join(files.dockerfileDirectory, files.dockerfileName) };
        return planUserBuildx(withFile, files.metadataFile);
      },
    },
    options,
  );
}

function clientEngine(
  words: Omit<Client, 'kind' | 'env' | 'onStart'>,
  spec: ClientSpec,
  dispose: () => Promise<void> = async () => {},
): ClientEngine {
  const listeners: ((pid: number) => void)[] = [];
  const { kind, env, description } = spec;
  const client: Client = { ...words, kind, env, onStart: (pid) => listeners.forEach((listener) => listener(pid)) };
  return {
    kind,
    description,
    spec,
    onClient: (listener) => void listeners.push(listener),
    checkUserBuild: (build) => {
      client.planUser(build, { dockerfileDirectory: '', dockerfileName: '', metadataFile: '' });
    },
    inspect: (how) => inspect(client, how),
    runHelper: (build, run) => withDirectory((directory) => runHelper(client, build, directory, run)),
    runUserBuild: (build, run) => withDirectory((directory) => runUserBuild(client, build, directory, run)),
    [Symbol.asyncDispose]: dispose,
  };
}

async function inspect(
  client: Client,
  { signal, isStarted = false }: Parameters<Engine['inspect']>[0],
): Promise<BuilderFacts> {
  const [command, ...first] = client.command;
  const lines: string[] = [];
  const result = await runChild(command ?? '', {
    args: [...first, ...client.question, ...(isStarted ? client.starting : [])],
    env: client.env,
    signal,
    onStdoutLine: (line) => lines.push(line),
  });
  signal.throwIfAborted();
  if (result.exitCode === 0) return client.readAnswer(lines.join('\n'));
  const said = result.stderrTail.findLast((line) => line.trim() !== '') ?? 'it said nothing';
  throw new SlipwayError('ENGINE_FAILED', `the builder does not say what it is: ${said}`);
}

/** What a Dockerfile frontend older than 1.4 answers to `--build-context`, as that of dockerd 20.10. */
const NAMED_CONTEXTS = 'unsupported frontend capability moby.buildkit.frontend.contexts';

async function runHelper(client: Client, build: HelperBuild, directory: string, run: RunOptions): Promise<void> {
  await writeFile(path.join(directory, 'Dockerfile'), build.dockerfile);
  const reader = createProgressReader({ phase: build.phase, onEvent: run.onEvent, onLogLine: build.onLogLine });
  const exitCode = await runClient(client, client.planHelper(build, directory), reader, { ...run, stdout: 'lines' });
  if (exitCode === 0) return;
  run.signal.throwIfAborted();
  if (build.base !== undefined && reader.otherLines.some((line) => line.includes(NAMED_CONTEXTS))) {
    throw new SlipwayError(
      'ENGINE_TOO_OLD',
      'the builder knows no named contexts, which mounts with `from=` are filled by',
      { hint: 'use Docker 23 or newer, or another builder: `docker buildx create --use`' },
    );
  }
  const isImage = /^\[internal\] load metadata for|^\[.*\] FROM /.test(reader.failure()?.name ?? '');
  throw new SlipwayError(isImage ? 'IMAGE_UNAVAILABLE' : 'ENGINE_FAILED', describeFailure(reader, client));
}

async function runUserBuild(
  client: Client,
  build: UserBuild,
  directory: string,
  run: RunOptions,
): Promise<UserBuildResult> {
  const metadataFile = build.metadataFile ?? path.join(directory, 'metadata.json');
  const files = { ...(await locateDockerfile(build, directory)), metadataFile };
  const reader = createProgressReader({ phase: 'build', onEvent: run.onEvent });
  const startedAt = performance.now();
  const exitCode = await runClient(client, client.planUser(build, files), reader, {
    ...run,
    stdout: streamsResult(build.outputs, client.kind) || isQuestion(build) ? 'inherit' : 'lines',
    ...(build.context === '-' ? { stdin: 'inherit' as const } : {}),
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const imageId = exitCode === 0 ? await readImageId(metadataFile) : undefined;
  if (client.kind !== 'buildx' && build.iidFile !== undefined && imageId !== undefined)
    await writeFile(build.iidFile, imageId);
  const steps = [...reader.steps.values()];
  return {
    exitCode,
    imageId,
    seconds,
    messages: reader.otherLines,
    failureLog: reader.failure()?.log ?? [],
    ranSteps: steps
      .filter((step) => !step.isCached && step.completedAtMs !== undefined && step.error === undefined)
      .map((step) => step.name),
    cachedSteps: steps.filter((step) => step.isCached).map((step) => step.name),
  };
}

async function runClient(
  client: Client,
  args: readonly string[],
  reader: ProgressReader,
  run: RunOptions & { stdout: 'inherit' | 'lines'; stdin?: 'inherit' },
): Promise<number> {
  const [command, ...first] = client.command;
  const result = await runChild(command ?? '', {
    args: [...first, ...args],
    env: client.env,
    signal: run.signal,
    stdout: run.stdout,
    ...(run.stdin === undefined ? {} : { stdin: run.stdin }),
    onStderrLine: reader.readLine,
    onStart: client.onStart,
  }).catch((error: unknown) => {
    run.signal.throwIfAborted();
    throw new SlipwayError('ENGINE_MISSING', `\`${command}\` could not be started: ${(error as Error).message}`, {
      cause: error,
    });
  });
  run.signal.throwIfAborted();
  return result.exitCode ?? 1;
}

async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await makeTemporaryDirectory('call');
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function locateDockerfile(
  build: UserBuild,
  directory: string,
): Promise<{ dockerfileDirectory: string; dockerfileName: string }> {
  if (build.fileText !== undefined) {
    await writeFile(path.join(directory, 'Dockerfile'), build.fileText);
    if (build.ignoreText !== undefined)
      await writeFile(path.join(directory, 'Dockerfile.dockerignore'), build.ignoreText);
    return { dockerfileDirectory: directory, dockerfileName: 'Dockerfile' };
  }
  const file = build.file ?? path.join(build.context, 'Dockerfile');
  return { dockerfileDirectory: path.dirname(file), dockerfileName: path.basename(file) };
}

/** `--check` and `--call` answer on standard output instead of building. */
function isQuestion(build: UserBuild): boolean {
  return build.passthrough.some((word) => /^--(?:check|call|print)(?:=|$)/.test(word));
}

/**
 * The digest that buildx prints under `--quiet` and writes to `--iidfile`: the configuration's, else the index's.
 * Source: github.com/docker/buildx/blob/v0.38.2/commands/build.go#L469-L475
 */
async function readImageId(metadataFile: string): Promise<string | undefined> {
  const text = await readFile(metadataFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  const metadata = JSON.parse(text === '' ? '{}' : text) as Record<string, unknown>;
  const id = metadata['containerimage.config.digest'] ?? metadata['containerimage.digest'];
  return typeof id === 'string' ? id : undefined;
}

function describeFailure(reader: ProgressReader, client: Client): string {
  const failure = reader.failure();
  const said = reader.otherLines.filter((line) => /error/i.test(line)).at(-1);
  if (failure === undefined)
    return `\`${client.command.join(' ')}\` failed: ${said ?? reader.otherLines.at(-1) ?? 'it said nothing'}`;
  const log = failure.log.slice(-5).join(' | ');
  return `helper step \`${failure.name}\` failed: ${failure.error}${log === '' ? '' : ` (${log})`}`;
}
