/** A word that can't be expanded: never leaves this folder, it becomes a Problem or a SlipwayError with the line. */
export class WordError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WordError';
  }
}
