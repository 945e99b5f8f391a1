import type { EventSink } from '../core/events.ts';
import { createLogger, type Logger, type LogLevel } from '../core/logger.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warning', 'error'];

/** A logger whose lines are events, from `least` upwards. */
export function eventLogger(onEvent: EventSink, least: LogLevel): Logger {
  return createLogger((level, line) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    onEvent({ type: 'message', level: level === 'warning' || level === 'error' ? 'warning' : 'info', text: line });
  }, least === 'debug');
}
