import type { Range } from '../../dockerfile/tree.ts';
import type { PlacedText } from '../yaml/scalar-text.ts';
import type { YamlFile, YamlValue } from '../yaml/read-yaml.ts';

/** A GitHub workflow, or a composite action: that has one job, `runs`, without a runner of its own. */
export interface Workflow {
  readonly path: string;
  readonly file: YamlFile;
  readonly kind: 'workflow' | 'action';
  readonly name: string | undefined;
  readonly triggers: readonly Trigger[];
  readonly env: ReadonlyMap<string, PlacedText>;
  readonly permissions: YamlValue | undefined;
  readonly jobs: readonly Job[];
  /** Declared inputs and their defaults: of `workflow_call`, `workflow_dispatch`, or of the action. */
  readonly inputs: ReadonlyMap<string, PlacedText | undefined>;
  /** The root of the repository that the file belongs to, in the tree: '' or a directory. */
  readonly root: string;
}

export interface Trigger {
  /** `push`, `pull_request_target`, … */
  readonly name: string;
  readonly range: Range;
  readonly filters: YamlValue | undefined;
}

export interface Job {
  readonly id: string;
  /** From the id to the end of the job. */
  readonly range: Range;
  readonly idRange: Range;
  /** `if:` as written, with or without `${{ }}`. */
  readonly condition: PlacedText | undefined;
  readonly runsOn: readonly PlacedText[];
  readonly env: ReadonlyMap<string, PlacedText>;
  readonly permissions: YamlValue | undefined;
  readonly needs: readonly string[];
  readonly matrix: Matrix;
  readonly steps: readonly Step[];
  /** The reusable workflow this job calls, as written, and what it is given. */
  readonly uses: PlacedText | undefined;
  readonly inputs: ReadonlyMap<string, PlacedText>;
  /** Runs in a container of its own. */
  readonly hasContainer: boolean;
}

export interface Matrix {
  /** One row without values where there is no matrix. Values of objects are named `platform.os`. */
  readonly rows: readonly ReadonlyMap<string, string>[];
  /** Some rows or values can't be known: `fromJSON(…)`, or more than 256 rows. */
  readonly isOpen: boolean;
}

export interface Step {
  /** From 0, in its list. */
  readonly index: number;
  /** File the step is written in. */
  readonly file: YamlFile;
  readonly range: Range;
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** As written: `docker/build-push-action@v6`. */
  readonly uses: PlacedText | undefined;
  /** In lower case, without the version: `docker/build-push-action`, `./.github/actions/build`; '' for a `run` step. */
  readonly action: string;
  readonly inputs: ReadonlyMap<string, Input>;
  /** `with: ${{ … }}` or another form that isn't read. */
  readonly hasUnreadInputs: boolean;
  readonly run: PlacedText | undefined;
  readonly condition: PlacedText | undefined;
  readonly env: ReadonlyMap<string, PlacedText>;
  readonly workingDirectory: PlacedText | undefined;
}

export interface Input {
  readonly name: string;
  /** undefined where nothing stands behind the key. */
  readonly value: PlacedText | undefined;
  /** From the name to the end of the value. */
  readonly range: Range;
}
