import { describe, expect, it } from 'vitest';
import { toTraceContext } from './place.js';
import { Propagation, type PropagatorName } from './propagation.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

const extract = (names: readonly PropagatorName[], fields: Readonly<Record<string, string>>) =>
  new Propagation(names).extract((name) => fields[name]);

describe('a trace that comes along', () => {
  it('is read from the fields of W3C Trace Context, and written as it came', () => {
    const fields = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'vendor=1' };
    const place = extract(['tracecontext'], fields);
    expect(place).toMatchObject({ traceId: TRACE, spanId: SPAN, flags: 1, state: 'vendor=1', isRemote: true });
    expect(place === null ? null : toTraceContext(place)).toEqual(fields);
    expect(place === null ? null : new Propagation(['tracecontext', 'baggage']).inject(place)).toEqual(fields);
  });

  it('is none where the field cannot be read', () => {
    for (const traceparent of [
      '',
      'nonsense',
      `00-${TRACE}-${SPAN}`,
      `ff-${TRACE}-${SPAN}-01`,
      `00-${'0'.repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `00-${TRACE}-${SPAN}-01-more`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    ]) {
      expect(extract(['tracecontext'], { traceparent })).toBeNull();
    }
    // A later version may have more than this one knows of.
    expect(extract(['tracecontext'], { traceparent: `01-${TRACE}-${SPAN}-01-more` })).toMatchObject({ spanId: SPAN });
  });

  it('is read from the fields of B3, with one header or several, where these are asked for', () => {
    const b3 = { b3: `${TRACE}-${SPAN}-0` };
    expect(extract(['tracecontext'], b3)).toBeNull();
    expect(extract(['tracecontext', 'b3'], b3)).toMatchObject({ traceId: TRACE, spanId: SPAN, flags: 0 });
    const several = { 'x-b3-traceid': TRACE.slice(16), 'x-b3-spanid': SPAN, 'x-b3-sampled': '1' };
    const place = extract(['b3multi'], several);
    expect(place).toMatchObject({ traceId: `${'0'.repeat(16)}${TRACE.slice(16)}`, flags: 1 });
    expect(place === null ? null : new Propagation(['b3', 'tracecontext']).inject(place)).toEqual({
      b3: `${'0'.repeat(16)}${TRACE.slice(16)}-${SPAN}-1`,
      traceparent: `00-${'0'.repeat(16)}${TRACE.slice(16)}-${SPAN}-01`,
    });
  });
});
