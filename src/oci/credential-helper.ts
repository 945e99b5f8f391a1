import { spawn } from 'node:child_process';
import type { Logger } from '../core/logger.ts';
import type { Credential, Environment } from './credentials.ts';

const MAX_OUTPUT_BYTES = 64 * 1024;

/**
 * Asks `docker-credential-NAME get`: the server goes to its stdin, `{"Username","Secret"}` comes back; the user name
 * `<token>` marks an identity token. One that fails counts as having nothing, and says so.
 * https://github.com/docker/docker-credential-helpers/blob/v0.9.9/client/client.go
 */
export async function runCredentialHelper(
  name: string,
  server: string,
  options: { readonly env: Environment; readonly logger: Logger; readonly signal?: AbortSignal },
): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`;
  if (!/^[\w.-]+$/.test(name)) {
    options.logger.warning(`the credential helper \`${program}\` is not run: not a program name`);
    return undefined;
  }
  const { code, stdout, problem } = await runHelper(program, server, options);
  options.signal?.throwIfAborted();
  if (code !== 0) {
    // The one failure that is an answer: nothing stored for this server.
    if (!/credentials not found/i.test(stdout)) {
      options.logger.warning(`the credential helper \`${program}\` failed: ${problem ?? `exit code ${code}`}`);
    }
    return undefined;
  }
  return parseAnswer(stdout, program, options.logger);
}

function parseAnswer(stdout: string, program: string, logger: Logger): Credential | undefined {
  let answer: { Username?: unknown; Secret?: unknown } | null = null;
  try {
    answer = JSON.parse(stdout);
  } catch {
    // Not quoted: what it printed may hold the secret.
  }
  const { Username: username, Secret: secret } = answer ?? {};
  if (typeof username !== 'string' || typeof secret !== 'string') {
    logger.warning(`the credential helper \`${program}\` answered without Username and Secret`);
    return undefined;
  }
  if (secret === '') return undefined;
  return username === '<token>'
    ? { kind: 'identity-token', token: secret }
    : { kind: 'password', username, password: secret };
}

interface HelperResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly problem?: string;
}

function runHelper(
  program: string,
  server: string,
  options: { readonly env: Environment; readonly signal?: AbortSignal },
): Promise<HelperResult> {
  return new Promise((resolve) => {
    const child = spawn(program, ['get'], {
      env: options.env,
      stdio: ['pipe', 'pipe', 'ignore'],
      ...(options.signal && { signal: options.signal }),
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.length > MAX_OUTPUT_BYTES) child.kill();
    });
    child.on('error', (error) => resolve({ code: null, stdout, problem: error.message }));
    child.on('close', (code) => resolve({ code, stdout }));
    // A helper that leaves without reading is judged by its exit code, not by the broken pipe.
    child.stdin.on('error', () => undefined);
    child.stdin.end(server);
  });
}
