import { isSlipwayError, SlipwayError } from '../../../core/errors.ts';
import { storeContext } from '../../../session/session.ts';
import type { HostGo } from '../../../warm/host/host-caches.ts';
import type { ParsedWords } from '../../flag-words.ts';
import type { Session } from '../../session.ts';
import type { Surroundings } from '../surroundings.ts';
import { askGo } from './ask-go.ts';
import { gocacheprogValue } from './gocacheprog-value.ts';
import { openCaches } from './open-caches.ts';
import { planHost, type HostNote } from './plan-host.ts';
import { printHostPlan } from './print-host-plan.ts';

export interface HostRequest {
  readonly parsed: ParsedWords;
  /** `--gocacheprog`: compiled packages come by Go's protocol, and only modules as files. */
  readonly isProg: boolean;
  readonly isDryRun: boolean;
}

/** The caches of this machine's own Go. What of them can't be had costs a line, and under `--strict-cache` the run. */
export async function surroundHost(session: Session, request: HostRequest): Promise<Surroundings> {
  const { parsed, isProg, isDryRun } = request;
  const env = isProg ? { GOCACHEPROG: gocacheprogValue(ownProgram(), parsed) } : {};
  const found = await findCaches(session, request);
  const go = typeof found === 'string' ? undefined : found;
  const context = storeContext(session, isDryRun);
  const caches = go === undefined || go.caches.length === 0 ? [] : [session.parts.hostCaches(context, go)];
  return {
    facts: { targets: [], ...(typeof found === 'string' ? { reason: found } : {}) },
    env,
    ...(caches.length > 0 && {
      around: (command, options) => session.parts.aroundCaches(context, caches, command, options),
    }),
    printPlan: () => printHostPlan(session, { context, go, caches, env }),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The caches that can be filled, or why there are none. */
async function findCaches(session: Session, { isProg, isDryRun }: HostRequest): Promise<HostGo | string> {
  const { io } = session;
  try {
    const { go, notes } = planHost(await askGo(io), { cwd: io.cwd, isProg });
    const opened = isDryRun ? { caches: go.caches, notes: [] } : await openCaches(go.caches);
    for (const note of [...notes, ...opened.notes]) tell(session, note);
    return { ...go, caches: opened.caches };
  } catch (error) {
    if (!isSlipwayError(error, 'GO_CACHE_UNUSABLE') || session.isStrict) throw error;
    tell(session, { text: `nothing is restored: ${error.message}`, hint: error.hint ?? '', isFault: true });
    return error.message;
  }
}

function tell({ isStrict, progress }: Session, { text, hint, isFault }: HostNote): void {
  if (isFault && isStrict) throw new SlipwayError('GO_CACHE_UNUSABLE', text, { hint });
  progress.onEvent({ type: 'message', level: isFault ? 'warning' : 'info', text, hint });
}

/** This very program, as Go has to start it. */
function ownProgram(): readonly string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? ''];
}
