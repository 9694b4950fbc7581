import { describe, expect, it } from 'vitest';
import { parseSource } from './parse-source.js';

const yaml = `# a comment
id: w
shared: &base { kind: code, timeout: 5s }
nodes:
  - id: a
    <<: *base
    needs:
      - x
      - "y"
  - { id: b, with: { text: "{{ input }}" } }
`;

describe('YAML', () => {
  it('is read with merge keys, and every place is found again', () => {
    const source = parseSource({ text: yaml, format: 'yaml' });
    expect(source.faults).toEqual([]);
    expect(source.value).toMatchObject({
      nodes: [{ id: 'a', kind: 'code', timeout: '5s', needs: ['x', 'y'] }, { id: 'b' }],
    });
    expect(source.locate(['id'])).toEqual({ line: 2, column: 5 });
    expect(source.locate(['nodes', 0, 'needs', 1])).toEqual({ line: 9, column: 9 });
    expect(source.locate(['nodes', 0, 'needs'])).toEqual({ line: 7, column: 5 });
    expect(source.locate(['nodes', 1, 'with', 'text'])).toEqual({ line: 10, column: 28 });
    expect(source.locate(['nodes', 1])).toEqual({ line: 10, column: 5 });
    expect(source.locate(['nodes', 1, 'uses'])).toEqual({ line: 10, column: 5 });
    expect(source.locate(['nothing'])).toEqual({ line: 2, column: 1 });
  });

  it.each([
    ['id: a\nname: x\nid: b\n', 3, 'this key is there twice'],
    ['id: a\nnodes: [1, 2\nname: x', 3, 'Flow sequence'],
    ['id: a\nurl: {{ input.url }}\n', 2, 'must stand in quotes'],
    ['id: *nope\n', 1, 'nothing above is named &nope'],
    ['id: a\n---\nid: b\n', 2, 'multiple documents'],
    ['id: a\nx: .nan\n', 2, 'JSON'],
  ])('%j has a fault on line %i', (text, line, message) => {
    const { faults, value } = parseSource({ text, format: 'yaml' });
    expect(value).toBeUndefined();
    expect(faults).toHaveLength(1);
    expect(faults[0]?.line).toBe(line);
    expect(faults[0]?.message).toContain(message);
  });
});

describe('JSON', () => {
  it('is read, tabs and all', () => {
    const source = parseSource({ text: '{\n\t"id": "w",\n\t"nodes": [\n\t\t{ "id": "a" }\n\t]\n}', format: 'json' });
    expect(source.value).toEqual({ id: 'w', nodes: [{ id: 'a' }] });
    expect(source.locate(['nodes', 0, 'id'])).toEqual({ line: 4, column: 11 });
  });

  it('is held to JSON, though it is read as YAML', () => {
    const { faults } = parseSource({ text: '{\n"id": w }', format: 'json' });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ line: 2 });
  });
});

describe('an anchor', () => {
  it('cannot be repeated within itself', () => {
    const { faults } = parseSource({ text: 'id: x\nnodes: &all\n  - with: *all\n', format: 'yaml' });
    expect(faults).toEqual([{ message: '*all stands within what it repeats', line: 3, column: 11 }]);
  });
});

describe('a number', () => {
  it('that would come out as another one is refused', () => {
    const { faults } = parseSource({ text: 'kept: 9007199254740991\nlost: 9007199254740993\n', format: 'yaml' });
    expect(faults).toEqual([
      {
        message: 'the number 9007199254740993 cannot be kept exactly: write it as a text, in quotes',
        line: 2,
        column: 7,
      },
    ]);
  });
});
