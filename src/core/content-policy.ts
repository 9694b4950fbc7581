/** What is kept of what models are asked and answer: all of it, all but what is masked (see `redactText`), or nothing. */
export const CONTENT_POLICIES = ['keep', 'redact', 'drop'] as const;
export type ContentPolicy = (typeof CONTENT_POLICIES)[number];
