import type { McpTools } from '../../core/ports/mcp-tools.js';
import { aboutMcpCall } from './conventions.js';
import type { Otel } from './otel.js';
import type { Tracer } from './tracer.js';

/** The same tools of other MCP servers; calls of theirs have spans, and tell in `_meta` which trace they belong to. */
export function traceMcpTools(tools: McpTools, otel: Otel, tracer: Tracer): McpTools {
  const { context, propagation } = otel.api;
  return {
    list: (caller) => tools.list(caller),
    call: (call) => {
      if (tracer.current() === null) return tools.call(call);
      return tracer.around(
        { about: aboutMcpCall(call), kind: 'CLIENT' },
        () => {
          const meta: { [name: string]: string } = {};
          propagation.inject(propagation.deleteBaggage(context.active()), meta);
          return tools.call({ ...call, meta });
        },
        (span, { isError }) => {
          if (isError) tracer.fail(span, 'tool_error');
        },
      );
    },
  };
}
