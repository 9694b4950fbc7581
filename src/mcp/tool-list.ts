import type { Contract } from './contract.js';

/** The contract's tools as the protocol lists them: the JSON text of an array. */
export function toolListJson(contract: Contract): string {
  return JSON.stringify(
    contract.tools.fixed.map((tool) => ({
      name: tool.name,
      title: tool.title,
      description: tool.description,
      inputSchema: tool.inputSchema,
      ...(tool.outputSchema === null ? {} : { outputSchema: tool.outputSchema }),
      annotations: { title: tool.title, readOnlyHint: !tool.mutates, ...tool.annotations },
    })),
  );
}
