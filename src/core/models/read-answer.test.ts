import { describe, expect, it } from 'vitest';
import { NO_USAGE, type ModelAnswer } from './models.js';
import { readAnswer } from './read-answer.js';

const anything = (): readonly never[] => [];

async function read(text: string): Promise<unknown> {
  const answer: ModelAnswer = { model: 'p/m', text, toolCalls: [], finish: 'stop', assistant: [], usage: NO_USAGE };
  const structured = await readAnswer(answer, anything);
  return structured.fault ?? structured.output;
}

describe('the JSON of an answer', () => {
  it.each([
    ['{"a":1}'],
    ['Here it is:\n```json\n{"a":1}\n```\nDone.'],
    ['```\n{"a":1}\n```'],
    ['```js\nlet a;\n```\n```json\n{"a":1}```'],
    ['It is {"a":1}, I think.'],
    ['```json\n{"a":1}'],
  ])('is found in %j', async (text) => {
    expect(await read(text)).toEqual({ a: 1 });
  });

  it.each(['none', '```json\nnone\n```', '{', '``` {', ''])('is not found in %j', async (text) => {
    expect(await read(text)).toBe('the answer is not JSON');
  });

  it('is not taken with numbers that cannot be kept exactly', async () => {
    expect(await read('```json\n{"id":9007199254740993}\n```')).toBe(
      'The number 9007199254740993 at /id cannot be kept exactly: write it as a text, in quotes',
    );
  });

  it('is looked for at once, however many lines and fences there are', async () => {
    const before = performance.now();
    await read('```json\n'.repeat(100_000));
    await read(`\`\`\`json${'\n'.repeat(500_000)}`);
    await read(`${'```x'.repeat(100_000)}\n`);
    await read(`${'```   '.repeat(100_000)}\n`);
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
