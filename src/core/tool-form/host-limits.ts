/**
 * What the strictest of the programs that show tools to models take. OpenAI, Anthropic and Google each refuse a whole
 * list of tools for one that does not keep to their rules; what all of them take is here, in one place.
 */
export const HOST_LIMITS = {
  /** Characters of a tool's name: hosts put a server's name before it, and providers take 64 in all. */
  toolName: 50,
  /** Characters of a description, of a tool or of a property. */
  description: 1_024,
  /** A property's name, at any depth. */
  propertyName: /^[A-Za-z0-9_.-]{1,64}$/,
  propertyNameLength: 64,
  /** Levels of objects and lists within each other, the arguments themselves being the first. */
  depth: 10,
  /** Properties of all objects in the arguments. */
  properties: 300,
  /** Values of one choice, and the characters of them all. */
  choices: 100,
  choiceCharacters: 7_500,
} as const;
