import { redact } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** Talk goes to stderr through one of these; stdout stays data. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
}

/** A logger that hands redacted lines to `write`; `debug` only when asked for. */
export function createLogger(write: (level: LogLevel, line: string) => void, isDebug = false): Logger {
  return {
    debug: (message) => {
      if (isDebug) write('debug', redact(message));
    },
    info: (message) => write('info', redact(message)),
    warning: (message) => write('warning', redact(message)),
    error: (message) => write('error', redact(message)),
  };
}

export const silentLogger: Logger = createLogger(() => {});
