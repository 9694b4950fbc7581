/**
 * What is kept of what models are asked and answer, and of what the tools that they use give: all of it, all but what
 * is masked (see `redactText`), or nothing.
 */
export const CONTENT_POLICIES = ['keep', 'redact', 'drop'] as const;
export type ContentPolicy = (typeof CONTENT_POLICIES)[number];
