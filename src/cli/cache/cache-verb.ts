import type { Clock } from '../../core/clock.ts';
import type { Store, StoreKeeper } from '../../store/port.ts';
import type { SuccessorOptions } from '../../warm/keep/successor.ts';
import type { SurveyOptions } from '../../warm/survey-store.ts';
import type { FlagSpec, ParsedWords } from '../flag-words.ts';
import type { WorkLine } from './work-line.ts';

/** One `slipway cache VERB`. */
export interface CacheVerb {
  readonly name: string;
  readonly summary: string;
  /** What stands behind the verb, for the usage line. */
  readonly operands?: string;
  readonly flags: readonly FlagSpec[];
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
  /** It changes the store unless `--dry-run` is given, so a store that is only read refuses it. */
  readonly isChange: (parsed: ParsedWords) => boolean;
  /** Wrong words are told before a store is opened. */
  readonly check?: (parsed: ParsedWords, operands: readonly string[]) => void;
  readonly run: (call: CacheCall) => Promise<CacheOutcome>;
}

/** A verb on one store. */
export interface CacheCall {
  readonly store: Store & StoreKeeper;
  readonly parsed: ParsedWords;
  readonly operands: readonly string[];
  readonly isDryRun: boolean;
  readonly clock: Clock;
  readonly survey: SurveyOptions;
  /** How snapshots that the verb writes are signed. */
  readonly seal: SuccessorOptions['seal'];
  readonly workLine: WorkLine;
  /** Opens another store, for `export`. */
  readonly openOther: (spec: string) => Store;
}

export interface CacheOutcome {
  /** The store's member of the JSON document, without its name. */
  readonly data: object;
  readonly text: string;
  readonly exitCode: 0 | 1;
}

export const SCOPE_FLAG: FlagSpec = {
  name: 'scope',
  arity: 'value',
  placeholder: 'NAME',
  help: 'Only this scope',
};

export const readsOnly = (): boolean => false;
