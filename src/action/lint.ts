import { runLintAction } from './lint-action.ts';

await runLintAction();
