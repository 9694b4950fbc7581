import type { HandlerContext } from 'errand';
import { type Directory, openDirectory } from './directory.js';
import { type Seniority, seniorityOf } from './seniority.js';

export interface EnrichedContact {
  readonly company: string;
  readonly role: string;
  readonly seniority: Seniority;
}

let opened: Promise<Directory> | null = null;

export default async function enrichContact(ctx: HandlerContext<{ readonly email: string }>): Promise<EnrichedContact> {
  // Read once; tried again after a failure.
  opened ??= openDirectory(new URL('./contacts.csv', import.meta.url)).catch((error: unknown) => {
    opened = null;
    throw error;
  });
  const directory = await opened;
  ctx.signal.throwIfAborted();
  ctx.progress(50, 'Looking the address up');

  const email = ctx.input.email.trim();
  const contact = directory.find(email);
  if (contact === undefined) {
    // No attempt would find it later: errors with `retryable: false` end the node at once.
    throw Object.assign(new Error(`No company found for email ${email}`), { kind: 'not_found', retryable: false });
  }
  ctx.findings(`${contact.name} is ${contact.title} at ${contact.company}.`);
  ctx.progress(100);
  return { company: contact.company, role: contact.title, seniority: seniorityOf(contact.title) };
}
