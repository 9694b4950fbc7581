/** Fields of a definition that hold a JSON Schema. */
export const SCHEMA_FIELDS = ['input', 'output', 'answer'] as const;

/** Of JSON Schema 2020-12, those that say something about a value. */
export const SCHEMA_KEYWORDS = [
  'type',
  'title',
  'description',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'default',
  'examples',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'prefixItems',
  'contains',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'propertyNames',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  '$ref',
  '$defs',
] as const;

export const SCHEMA_TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'] as const;

export const SCHEMA_FORMATS = [
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'time',
  'uri',
  'uri-reference',
  'url',
  'uuid',
] as const;

/** Keywords whose names their author chooses, each with a schema. */
export const NAMING_KEYWORDS: readonly string[] = ['properties', 'patternProperties', '$defs'];
/** Keywords that hold values, whatever stands in these. */
export const VALUE_KEYWORDS: readonly string[] = ['const', 'default', 'enum', 'examples', 'required'];
