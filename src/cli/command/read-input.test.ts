import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInput } from './read-input.js';

const nothing = Readable.from([]);
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'errand-input-'));
});
afterAll(() => rm(dir, { recursive: true }));

describe('readInput', () => {
  it('takes JSON as it stands, of any type', async () => {
    expect(await readInput('{"a": [1]}', nothing)).toEqual({ a: [1] });
    expect(await readInput('"text"', nothing)).toBe('text');
  });

  it('reads a file, with or without a byte order mark', async () => {
    await writeFile(join(dir, 'input.json'), '\uFEFF{"a": 1}');
    expect(await readInput(`@${join(dir, 'input.json')}`, nothing)).toEqual({ a: 1 });
  });

  it('reads standard input, characters cut in two included', async () => {
    const bytes = Buffer.from('{"name": "Zoë"}');
    const cut = bytes.indexOf(0xc3) + 1;
    expect(await readInput('-', Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)]))).toEqual({ name: 'Zoë' });
  });

  it('says where the JSON is wrong', async () => {
    await writeFile(join(dir, 'bad.json'), '{"a": }');
    await expect(readInput('{a: 1}', nothing)).rejects.toThrow(/^--input is not JSON: .*position 1/);
    await expect(readInput(`@${join(dir, 'bad.json')}`, nothing)).rejects.toThrow(/bad\.json is not JSON/);
    await expect(readInput('-', Readable.from(['  ']))).rejects.toThrow(/^Standard input is empty/);
  });

  it('does not send another number than it was given', async () => {
    await expect(readInput('{"id": 12345678901234567890}', nothing)).rejects.toThrow(
      /^--input cannot be taken\. The number 12345678901234567890 at \/id /,
    );
  });

  it('says which file it cannot read', async () => {
    await expect(readInput('@/no/such/file.json', nothing)).rejects.toThrow(
      /Cannot read the input file \/no\/such\/file\.json/,
    );
  });
});
