/** A place in the text: offset in UTF-16 units from 0, line and column from 1. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** Offsets: from the first character to just behind the last. `positionAt` of the tree gives line and column. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What BuildKit refuses, as data. `parse` problems stop its parser, `instruction` problems are found only when the whole file parsed. */
export interface Problem {
  readonly phase: 'parse' | 'instruction';
  readonly line: number;
  readonly message: string;
  /** What to write instead. */
  readonly hint: string;
}

/** The name of each parser directive; other `# x=y` lines are comments. */
export type DirectiveName = 'syntax' | 'escape' | 'check';

export interface Directive {
  readonly name: DirectiveName;
  readonly value: string;
  readonly line: number;
}

interface NodeBase {
  /** The source text of the node with its line end: the nodes' texts, one after the other, are the file. */
  readonly raw: string;
  readonly range: Range;
}

export interface BlankNode extends NodeBase {
  readonly kind: 'blank';
}

export interface CommentNode extends NodeBase {
  readonly kind: 'comment';
  /** Text behind the `#`, trimmed. */
  readonly text: string;
  /** Set when the comment is a parser directive in force. */
  readonly directive: Directive | undefined;
}

/** A word as the parser sees it, quotes and variables untouched, and where it stands. */
export interface Word {
  readonly value: string;
  readonly range: Range;
}

export interface Heredoc {
  readonly name: string;
  /** False when a part of the name is quoted: variables in the body are left alone then. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are dropped. */
  readonly chomp: boolean;
  readonly fileDescriptor: number;
  /** The body as it stands in the file. */
  readonly content: string;
  readonly contentRange: Range;
}

export interface JoinedLine {
  readonly restStart: number;
  /** Each reaches to the next one; a continuation, a line end or a comment line lies between two of them in the file. */
  readonly segments: readonly LineSegment[];
}

export interface LineSegment {
  readonly logicalStart: number;
  readonly sourceStart: number;
}

/** An instruction read from one logical line, also the one behind ONBUILD. */
export interface Instruction {
  /** As written: `RUN`, `run`. */
  readonly keyword: string;
  /** In lower case: `run`. */
  readonly name: string;
  /** The logical line: continuations joined, comment lines inside left out. */
  readonly text: string;
  readonly flags: readonly Word[];
  /** BuildKit's arguments; for ENV and LABEL triples of key, value and delimiter. */
  readonly args: readonly string[];
  /** The exec form, a JSON array. */
  readonly json: boolean;
  /** Everything behind keyword and flags, trimmed. */
  readonly rest: Word;
  /** The arguments with their places, where they are separate words of the text (not in the exec form). */
  readonly words: readonly Word[];
  /** Where `rest` stands in the joined line, and that line's parts in the file; undefined when the line is a single one. */
  readonly joined: JoinedLine | undefined;
  /** The instruction behind ONBUILD. */
  readonly child: Instruction | undefined;
}

export interface InstructionNode extends NodeBase, Instruction {
  readonly kind: 'instruction';
  readonly keywordRange: Range;
  readonly heredocs: readonly Heredoc[];
  readonly startLine: number;
  /** Last line, heredoc bodies and terminators included. */
  readonly endLine: number;
  /** Text of the comment lines right above, as BuildKit keeps them for `# check=` and descriptions. */
  readonly comments: readonly string[];
  /** Lines inside the continuation that are empty, which BuildKit warns about. */
  readonly emptyContinuationLines: readonly number[];
}

export type Node = BlankNode | CommentNode | InstructionNode;

/** A Dockerfile as it was written. Nothing is lost: `printDockerfile` gives the text back for any input. */
export interface DockerfileTree {
  readonly hasByteOrderMark: boolean;
  /** The character that escapes and continues lines. */
  readonly escape: '\\' | '`';
  readonly directives: readonly Directive[];
  readonly nodes: readonly Node[];
  /** Instruction nodes in order: the ones BuildKit would see, and those behind its first error. */
  readonly instructions: readonly InstructionNode[];
  readonly problems: readonly Problem[];
  /** Line and column of an offset. */
  readonly positionAt: (offset: number) => Position;
}
