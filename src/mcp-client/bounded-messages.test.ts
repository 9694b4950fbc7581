import { describe, expect, it } from 'vitest';
import { boundMessage, UNFIT_ANSWER } from './bounded-messages.js';

const many = `[${'0,'.repeat(100_001)}0]`;

describe('a message of an MCP server', () => {
  it('is passed on as it is when it is within the bounds', () => {
    const text = `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"${'x'.repeat(100_000)}"}]}}`;
    expect(boundMessage(text)).toBe(text);
  });

  it.each([
    ['before', `{"jsonrpc":"2.0","id":"a \\"b","result":${many}}`, 'a "b'],
    ['behind', `{"jsonrpc":"2.0","result":{"id":7,"method":"x","more":${many}}, "id" : -12 }`, -12],
  ])('with too many values becomes an error for its id, which stands %s', (_, text, id) => {
    expect(JSON.parse(boundMessage(text) ?? '')).toEqual({
      jsonrpc: '2.0',
      id,
      error: { code: UNFIT_ANSWER.excessive, message: expect.stringContaining('more than 100000 values') as string },
    });
  });

  it('that is too long becomes an error', () => {
    const text = `{"jsonrpc":"2.0","id":1,"result":"${'x'.repeat(1_250_000)}"}`;
    expect(boundMessage(text)).toContain('more than 1250000 characters');
  });

  it('with too much in it is dropped when it is a request, a notification or none of ours', () => {
    expect(boundMessage(`{"jsonrpc":"2.0","id":1,"method":"ping","params":${many}}`)).toBeNull();
    expect(boundMessage(`{"jsonrpc":"2.0","method":"notify","params":${many}}`)).toBeNull();
    expect(boundMessage(many)).toBeNull();
  });

  it('with a number that would be rounded becomes an error', () => {
    const text = '{"jsonrpc":"2.0","id":1,"result":{"n":9007199254740993}}';
    expect(JSON.parse(boundMessage(text) ?? '')).toMatchObject({ id: 1, error: { code: UNFIT_ANSWER.inexact } });
  });
});
