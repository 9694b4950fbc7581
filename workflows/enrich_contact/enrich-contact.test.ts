import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { createNodeContext } from '../../src/testing/node-context.js';
import enrichContact from './enrich-contact.js';

const RESERVED = /@(?:[a-z0-9-]+\.)*(?:[a-z0-9-]+\.(?:example|test)|example\.(?:com|org|net))$/;

describe('enrich_contact', () => {
  it('tells company, role and seniority, and says so in a sentence', async () => {
    const { context, reports } = createNodeContext({ input: { email: 'ada@example.com' }, role: 'enricher' });
    expect(await enrichContact(context)).toEqual({
      company: 'Example Widgets',
      role: 'Head of Sales',
      seniority: 'head',
    });
    expect(reports.findings).toEqual(['Ada Example is Head of Sales at Example Widgets.']);
    expect(reports.progress.at(-1)?.percent).toBe(100);
  });

  it('finds an address in other case and with space around it', async () => {
    const { context } = createNodeContext({ input: { email: '  ADA@Example.COM ' } });
    expect(await enrichContact(context)).toMatchObject({ company: 'Example Widgets' });
  });

  it('fails for good when nobody has the address', async () => {
    const { context } = createNodeContext({ input: { email: 'nobody@example.com' } });
    await expect(enrichContact(context)).rejects.toMatchObject({
      message: 'No company found for email nobody@example.com',
      kind: 'not_found',
      retryable: false,
    });
  });

  it('stops when it is given up', async () => {
    const { context } = createNodeContext({
      input: { email: 'ada@example.com' },
      signal: AbortSignal.abort(new Error('given up')),
    });
    await expect(enrichContact(context)).rejects.toThrow('given up');
  });
});

describe('contacts.csv', () => {
  const rows = parse<{ [column: string]: string }>(readFileSync(new URL('./contacts.csv', import.meta.url)), {
    columns: true,
  });

  it('holds a few hundred people, each address once and on a reserved domain', () => {
    const emails = rows.map((row) => row['email'] ?? '');
    expect(rows.length).toBeGreaterThanOrEqual(300);
    expect(new Set(emails).size).toBe(rows.length);
    expect(emails.filter((email) => !RESERVED.test(email))).toEqual([]);
  });

  it('has no empty field', () => {
    expect(rows.filter((row) => Object.values(row).some((value) => value.trim() === ''))).toEqual([]);
    expect(Object.keys(rows[0] ?? {})).toEqual(['email', 'name', 'company', 'title']);
  });
});
