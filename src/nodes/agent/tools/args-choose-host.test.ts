import { describe, expect, it } from 'vitest';
import { argsChooseHost } from './args-choose-host.js';

describe('the address of a tool', () => {
  it.each([
    '{{ args.url }}',
    ' {{ args.url }}/path',
    'https://{{ args.host }}/path',
    'https://{{ args.host }}:8080/path',
    'https://api.example.com{{ args.path }}',
    'https://{{ args.tenant }}.example.com/',
    '{{ input.scheme }}://{{ args.host }}/',
    '{{ input.base }}{{ args.rest }}',
    "{{ $exists(args.url) ? args.url : 'https://example.com' }}",
  ])('leaves the host to the model: %s', (url) => {
    expect(argsChooseHost({ url })).toBe(true);
  });

  it.each([
    'https://api.example.com/{{ args.path }}',
    'https://api.example.com:8443/?q={{ args.q }}',
    'https://api.example.com?q={{ args.q }}',
    'https://api.example.com#{{ args.part }}',
    'http://127.0.0.1:9000/{{ args.a }}/{{ args.b }}',
    '{{ input.base }}/items/{{ args.id }}',
    'https://{{ input.host }}/{{ args.id }}',
    'https://api.example.com/',
  ])('names the host itself: %s', (url) => {
    expect(argsChooseHost({ url })).toBe(false);
  });

  it('may be part of an expression for all of the request', () => {
    expect(argsChooseHost('{{ args.request }}')).toBe(true);
    expect(argsChooseHost('{{ input.request }}')).toBe(false);
  });
});
