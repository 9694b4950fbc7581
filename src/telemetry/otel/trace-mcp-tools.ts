import type { McpTools } from '../../core/ports/mcp-tools.js';
import { aboutMcpCall } from './trace/conventions.js';
import type { Propagation } from './trace/propagation.js';
import type { Tracer } from './trace/tracer.js';

/** The same tools of other MCP servers; calls of theirs have spans, and tell in `_meta` which trace they belong to. */
export function traceMcpTools(tools: McpTools, tracer: Tracer, propagation: Propagation): McpTools {
  return {
    list: (caller) => tools.list(caller),
    call: (call) => {
      if (tracer.current() === null) return tools.call(call);
      return tracer.around(
        { about: aboutMcpCall(call), kind: 'CLIENT' },
        () => {
          const place = tracer.current();
          return tools.call({ ...call, meta: place === null ? {} : propagation.inject(place) });
        },
        (span, { isError }) => {
          if (isError) tracer.fail(span, 'tool_error');
        },
      );
    },
  };
}
