import type { LogAttributes } from '@opentelemetry/api-logs';
import type { LineLevel } from '../../core/ports/logger.js';
import type { Otel } from './otel.js';
import type { Tracer } from './tracer.js';

/** Whoever takes a line of the log beside standard error, and says what the line is to hold beside its own fields. */
export interface LogSink {
  /** `trace_id` and `span_id` of what goes on. */
  readonly fields: () => object;
  readonly take: (level: LineLevel, fields: object, message: string) => void;
}

export function exportLogs(otel: Otel, tracer: Tracer): LogSink {
  const { SeverityNumber, logs } = otel.apiLogs;
  const logger = logs.getLogger('errand', otel.version);
  const severities = {
    debug: SeverityNumber.DEBUG,
    info: SeverityNumber.INFO,
    warn: SeverityNumber.WARN,
    error: SeverityNumber.ERROR,
  };
  return {
    fields: () => {
      const place = tracer.current();
      return place === null ? {} : { trace_id: place.traceId, span_id: place.spanId };
    },
    take: (level, fields, message) => {
      logger.emit({
        severityNumber: severities[level],
        severityText: level.toUpperCase(),
        body: message,
        attributes: attributesOf(fields),
      });
    },
  };
}

/** Plain values as they are, others as the JSON of them. */
function attributesOf(fields: object): LogAttributes {
  const attributes: LogAttributes = {};
  for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
    if (value === undefined || value === null) continue;
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    attributes[name] = isPlain ? value : JSON.stringify(value);
  }
  return attributes;
}
