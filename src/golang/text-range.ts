/** Where something stands in a file: UTF-16 offsets into its text, `end` exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A value with the place it is written at. */
export interface Located<T> {
  readonly value: T;
  readonly range: TextRange;
}
