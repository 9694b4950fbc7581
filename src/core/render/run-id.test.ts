import { describe, expect, it } from 'vitest';
import { parseRunId, renderRunId } from './run-id.js';

const ID = '0193512f-4d2b-7c3a-9f00-0123456789ab';

describe('parseRunId', () => {
  it('reads what renderRunId writes', () => {
    expect(parseRunId(renderRunId(ID))).toBe(ID);
    expect(parseRunId(renderRunId(ID), 'optional')).toBe(ID);
  });

  it('takes a bare UUID only where the prefix is optional', () => {
    expect(parseRunId(ID)).toBeNull();
    expect(parseRunId(ID, 'optional')).toBe(ID);
  });

  it('refuses whatever else', () => {
    for (const text of ['', 'run_', `agent_run_${ID}`, `run_${ID}0`, `run_${ID.toUpperCase()}`, `run_run_${ID}`]) {
      expect(parseRunId(text)).toBeNull();
      expect(parseRunId(text, 'optional')).toBeNull();
    }
  });
});
