import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../helpers/tools.ts';

const run = promisify(execFile);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-completion-'));
  await mkdir(path.join(directory, 'bin'));
  await symlink(path.join(PROJECT_ROOT, 'bin', 'slipway'), path.join(directory, 'bin', 'slipway'));
  await mkdir(path.join(directory, 'work', 'services'), { recursive: true });
  await writeFile(path.join(directory, 'work', 'Serverfile'), '');
});
afterAll(async () => rm(directory, { recursive: true, force: true }));

/** What a real shell offers when Tab is pressed behind the line, sorted. */
async function tab(shell: string, line: string): Promise<readonly string[]> {
  const env = { ...process.env, HOME: directory, PATH: `${path.join(directory, 'bin')}:${process.env['PATH']}` };
  const options = { cwd: path.join(directory, 'work'), env };
  const { stdout } = await run(
    shell,
    shell === 'fish' ? ['-c', FISH, line] : ['-c', SCRIPTS[shell] ?? '', shell, line],
    options,
  );
  return stdout
    .split('\n')
    .map((one) => one.split('\t')[0]?.trim() ?? '')
    .filter((one) => one !== '')
    .toSorted();
}

const FISH = 'slipway completion fish | source; complete -C "$argv[1]"';

const SCRIPTS: Readonly<Record<string, string>> = {
  // As readline calls it: words broken at blanks and equals signs, the last one begun. It adds files where nothing is found.
  bash: `source <(slipway completion bash)
    isFiles=yes
    compopt() { isFiles=no; }
    line=\${1//=/ = }
    read -ra COMP_WORDS <<< "$line"
    case $1 in *" "|*=) COMP_WORDS+=("") ;; esac
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    _slipway
    printf '%s\\n' "\${COMPREPLY[@]}"
    if [ $isFiles = yes ]; then compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"; fi`,
  // Its two ways to show something are replaced by printing: the rest of zsh's completion needs a terminal.
  zsh: `autoload -Uz compinit && compinit -D -u
    source <(slipway completion zsh)
    _describe() { print -rl -- "\${(@)\${(@P)2}%%:*}" }
    _files() { print -rl -- \${words[CURRENT]}*(N) }
    words=("\${(@s: :)1}"); CURRENT=$#words
    _slipway`,
};

describe.each(['bash', 'zsh', 'fish'])('%s', (shell) => {
  it('finishes commands, verbs and flags', async () => {
    expect(await tab(shell, 'slipway rest')).toEqual(['restore']);
    expect(await tab(shell, 'slipway cache ')).toEqual(['check', 'du', 'export', 'gc', 'ls', 'pin', 'unpin']);
    expect(await tab(shell, 'slipway build --stri')).toEqual(['--strict-cache']);
  });

  it('finishes the value of a flag in both spellings', async () => {
    expect(await tab(shell, 'slipway build --engine build')).toEqual(['buildctl', 'buildx']);
    const joined = await tab(shell, 'slipway build --engine=build');
    // Bash has taken the word apart itself.
    const before = shell === 'bash' ? '' : '--engine=';
    expect(joined).toEqual([`${before}buildctl`, `${before}buildx`]);
  });

  it('offers files where a file is meant', async () => {
    expect(await tab(shell, 'slipway build -f Server')).toEqual(['Serverfile']);
    expect(await tab(shell, 'slipway build --scope Server')).toEqual([]);
  });
});
