import { describe, expect, it } from 'vitest';
import { stubNode, stubRun } from '../../../test/support/http/rest-stub.js';
import { LiveView } from './live-view.js';
import { plainStyle } from '../terminal/style.js';

const run = stubRun({
  status: 'running',
  nodes: [stubNode({ id: 'a', role: 'a', label: 'A', status: 'running', message: 'm'.repeat(200) })],
});

function open(): { view: LiveView; output: { columns: number; rows: number }; written: string[] } {
  const written: string[] = [];
  const output = { isTTY: true, columns: 80, rows: 24, write: (text: string) => written.push(text) };
  return { view: new LiveView({ output, style: plainStyle, now: () => 0, run }), output, written };
}

describe('LiveView', () => {
  it('hides the cursor while it draws and gives it back when it stops, once', () => {
    const { view, written } = open();
    view.start();
    view.stop();
    view.stop();
    const all = written.join('');
    expect(all.startsWith('\u001B[?25l')).toBe(true);
    expect(all.endsWith('\u001B[?25h')).toBe(true);
    expect(all.split('\u001B[?25h')).toHaveLength(2);
  });

  it('goes back over exactly the lines that it has drawn', () => {
    const { view, written } = open();
    view.start();
    view.stop();
    const [first, last] = written.filter((text) => text.startsWith('\r'));
    expect(first?.startsWith('\r\u001B[J')).toBe(true);
    expect(last?.startsWith(`\r\u001B[${first?.match(/\n/g)?.length}A\u001B[J`)).toBe(true);
  });

  it('goes back over lines that a narrower terminal has wrapped', () => {
    const { view, output, written } = open();
    view.start();
    output.columns = 40;
    view.stop();
    // Four lines, of which the node's, 79 columns wide, now takes two rows, and the run id's, 40 wide, one.
    expect(written.at(-2)?.startsWith('\r\u001B[5A')).toBe(true);
  });
});
