import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { writeInput, PAYLOAD_LIMITS } from './payload-limits.js';

describe('the limits', () => {
  it('are those that docs/limits.md states', () => {
    const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8');
    const stated = (what: string): number => {
      const row = page.split('\n').find((line) => line.startsWith(`| ${what} |`)) ?? '';
      return Number(row.split('|')[2]?.replaceAll(/\D/g, ''));
    };
    expect({
      values: stated('values in the JSON of a request'),
      containers: stated('lists and objects in it'),
      names: stated('properties in it'),
      distinctNames: stated('different names of properties in it'),
      input: stated("a run's input"),
      output: stated("a node's output"),
      depth: stated('how deep an output is nested'),
      items: stated('items of a map'),
      offset: stated('`offset` of a list'),
      instruction: stated('an instruction'),
      idempotencyKey: stated('an idempotency key'),
      reason: stated('why a run is cancelled'),
      takenReason: stated('a reason for cancelling, as it is sent'),
      findings: stated("an agent's findings"),
      progressMessage: stated('the message beside progress'),
      errorKind: stated('the kind of a failure'),
      errorMessage: stated('why a node failed'),
      summary: stated("a run's summary"),
    }).toEqual(PAYLOAD_LIMITS);
    expect(stated("a run's output")).toBe(PAYLOAD_LIMITS.output);
  });

  it('refuse an input that is too long, saying how long it is and what to do', () => {
    const longest = 'x'.repeat(PAYLOAD_LIMITS.input - 2);
    expect(() => writeInput(longest)).not.toThrow();
    expect(() => writeInput([longest])).toThrow(/1048578 characters of JSON; at most 1048576 are taken/);
    expect(() => writeInput(7)).not.toThrow();
  });
});
