import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ErrandError, errorMessage } from '../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import type { ModelPrice } from '../../core/models/models-config.js';

/** By `provider/model`. */
export type PriceList = ReadonlyMap<string, ModelPrice>;

/** What one call used, as far as prices tell it apart. */
export interface PricedTokens {
  /** All that was sent: those below included. */
  readonly input: number;
  readonly cached: number;
  readonly cacheWrite: number;
  readonly output: number;
}

const SHIPPED = new URL('./prices.json', import.meta.url);

/**
 * Reads the price list that comes with the program, or the file in its place. Throws an ErrandError that names what is
 * wrong in it.
 */
export async function loadPrices(file?: string): Promise<PriceList> {
  let text: string;
  try {
    text = await readFile(file ?? SHIPPED, 'utf8');
  } catch (error) {
    throw refusal(file, `it cannot be read: ${errorMessage(error)}`);
  }
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw refusal(file, `it is no JSON: ${errorMessage(error)}`);
  }
  const prices = isJsonObject(value) ? value['prices'] : undefined;
  if (prices === undefined || !isJsonObject(prices)) {
    throw refusal(file, 'it has no "prices": { "provider/model": { "input": 1.25, "output": 10 } }');
  }
  return new Map(Object.entries(prices).map(([model, price]) => [model, readPrice(model, price, file)]));
}

function readPrice(model: string, value: Json, file: string | undefined): ModelPrice {
  const fields = isJsonObject(value) ? value : {};
  const input = readAmount(fields, 'input');
  const output = readAmount(fields, 'output');
  const cachedInput = readAmount(fields, 'cached_input');
  const cacheWrite = readAmount(fields, 'cache_write');
  const wrong = [input, output, cachedInput, cacheWrite].includes(null) || input === undefined || output === undefined;
  if (wrong) {
    throw refusal(
      file,
      `the price of ${model} must be { "input", "output" and, where they differ, "cached_input" and "cache_write" }, in dollars per million tokens`,
    );
  }
  return {
    input: input ?? 0,
    output: output ?? 0,
    ...(typeof cachedInput === 'number' ? { cachedInput } : {}),
    ...(typeof cacheWrite === 'number' ? { cacheWrite } : {}),
  };
}

/** Null when it is there and no amount. */
function readAmount(fields: JsonObject, name: string): number | null | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function refusal(file: string | undefined, what: string): ErrandError {
  return new ErrandError('invalid_definition', `The price list ${file ?? fileURLToPath(SHIPPED)}: ${what}`);
}

/**
 * The price of a model; one with a date to its name costs what the model without it does. Null when it is not known.
 */
export function findPrice(name: string, lists: readonly PriceList[]): ModelPrice | null {
  const undated = name.replace(/-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$/, '');
  for (const list of lists) {
    const price = list.get(name) ?? list.get(undated);
    if (price !== undefined) return price;
  }
  return null;
}

/** In millionths of a dollar, rounded up. */
export function costMicros(tokens: PricedTokens, price: ModelPrice): number {
  const { input, cached, cacheWrite, output } = tokens;
  const fresh = Math.max(0, input - cached - cacheWrite);
  const cost =
    fresh * price.input +
    cached * (price.cachedInput ?? price.input) +
    cacheWrite * (price.cacheWrite ?? price.input) +
    output * price.output;
  // Whole thousandths first, so that 0.1 + 0.2 is not rounded up.
  return Math.ceil(Math.round(cost * 1_000) / 1_000);
}
