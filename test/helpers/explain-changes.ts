import type { ExplainShape } from './explain-shapes.ts';

/** A project as a test writes it: texts by path, the executable files among them, build arguments. */
export interface ShapeState {
  readonly dockerfile: string;
  readonly files: Readonly<Record<string, string>>;
  readonly executable: ReadonlySet<string>;
  readonly args: Readonly<Record<string, string>>;
}

export interface ShapeChange {
  readonly name: string;
  /** Undefined where it has nothing to change in this shape. */
  readonly apply: (state: ShapeState, nonce: string, shape: ExplainShape) => ShapeState | undefined;
}

/** Everything that a person may do between two builds; `nonce` makes each of them one that no build has seen. */
export const CHANGES: readonly ShapeChange[] = [
  { name: 'nothing', apply: (state) => state },
  edit('a.txt'),
  edit('b.txt'),
  edit('go.mod'),
  edit('dir/x.txt'),
  edit('dir/y.md'),
  edit('dir/sub/z.txt'),
  edit('ignored/i.txt'),
  edit('tool.sh'),
  {
    name: 'a new file dir/new.txt',
    apply: (state, nonce) => ({ ...state, files: { ...state.files, 'dir/new.txt': `${nonce}\n` } }),
  },
  {
    name: 'a new file top.txt',
    apply: (state, nonce) => ({ ...state, files: { ...state.files, 'top.txt': `${nonce}\n` } }),
  },
  {
    name: 'without dir/x.txt',
    apply: (state) => {
      const { 'dir/x.txt': _gone, ...files } = state.files;
      return { ...state, files };
    },
  },
  {
    name: 'a.txt executable',
    apply: (state) => ({ ...state, executable: new Set([...state.executable, 'a.txt']) }),
  },
  argument('ONE'),
  argument('TWO'),
  argument('THREE'),
  {
    name: 'an argument that no line declares',
    apply: (state, nonce) => ({ ...state, args: { ...state.args, UNKNOWN: nonce } }),
  },
  replace('SETTING_VALUE'),
  replace('LABEL_VALUE'),
  replace('CMD_VALUE'),
  replace('HEREDOC_VALUE'),
  replace('USER_VALUE', '2000'),
  replace('SHELL_VALUE', '-uc'),
  {
    name: 'a comment in the Dockerfile',
    apply: (state, nonce) => ({ ...state, dockerfile: `${state.dockerfile}# ${nonce}\n` }),
  },
  {
    name: 'a line in the ignore file',
    apply: (state) => {
      const before = state.files['.dockerignore'];
      if (before === undefined) return undefined;
      return { ...state, files: { ...state.files, '.dockerignore': `${before}a.txt\n` } };
    },
  },
];

function edit(path: string): ShapeChange {
  return {
    name: `an edit of ${path}`,
    apply: (state, nonce) => ({ ...state, files: { ...state.files, [path]: `${state.files[path]}${nonce}\n` } }),
  };
}

function argument(name: string): ShapeChange {
  return {
    name: `another ${name}`,
    apply: (state, nonce) =>
      new RegExp(`^ARG ${name}\\b`, 'm').test(state.dockerfile)
        ? { ...state, args: { ...state.args, [name]: nonce } }
        : undefined,
  };
}

function replace(mark: string, value?: string): ShapeChange {
  return {
    name: `another ${mark}`,
    apply: (state, nonce, shape) =>
      shape.dockerfile.includes(mark)
        ? { ...state, dockerfile: state.dockerfile.replaceAll(INITIAL[mark] ?? mark, value ?? nonce) }
        : undefined,
  };
}

/** What stands for the marks in the build before, where the mark itself would not do. */
export const INITIAL: Readonly<Record<string, string>> = { USER_VALUE: '1000', SHELL_VALUE: '-ec' };
