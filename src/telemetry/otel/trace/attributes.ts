/** What spans, metrics and lines of the log hold, as OpenTelemetry has it. */
export type AttributeValue = string | number | boolean | readonly string[];
export interface Attributes {
  [name: string]: AttributeValue;
}
