import type { HookSignature } from '../../../core/hooks/hook.js';

/** What was sent, as it came. */
export interface ReceivedDelivery {
  /** By their names in lower case. */
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
}

/** What a sender has signed, and the signatures that it gives. */
export interface SignedDelivery {
  readonly kind: 'signed';
  /** Null: the header holds the secret itself. */
  readonly algorithm: string | null;
  readonly content: Buffer;
  readonly signatures: readonly Buffer[];
  /** Seconds since 1970; null where none is signed. */
  readonly timestamp: number | null;
  readonly keyOf: (secret: string) => Buffer;
}

interface Fault {
  readonly kind: 'fault';
  readonly message: string;
}

/** As many as senders give while they change their secret, and more. */
const MAX_SIGNATURES = 10;

type Parse<Kind extends HookSignature['kind']> = (
  delivery: ReceivedDelivery,
  signature: Extract<HookSignature, { readonly kind: Kind }>,
) => SignedDelivery | Fault;

/** Throws nothing, whatever was sent. */
export function parseSignatures(
  signature: Exclude<HookSignature, { readonly kind: 'none' }>,
  delivery: ReceivedDelivery,
): SignedDelivery | Fault {
  switch (signature.kind) {
    case 'standard_webhooks':
      return parseStandard(delivery, signature);
    case 'github':
      return parseGithub(delivery, signature);
    case 'stripe':
      return parseStripe(delivery, signature);
    case 'slack':
      return parseSlack(delivery, signature);
    case 'hmac':
      return parseHmac(delivery, signature);
    case 'token':
      return parseToken(delivery, signature);
    default:
      return signature satisfies never;
  }
}

/** https://www.standardwebhooks.com; Svix, which it comes from, has other names for its headers. */
const parseStandard: Parse<'standard_webhooks'> = ({ headers, body }) => {
  const prefix = headers['webhook-id'] === undefined && headers['svix-id'] !== undefined ? 'svix' : 'webhook';
  const [id, time, given] = ['id', 'timestamp', 'signature'].map((name) => headers[`${prefix}-${name}`]);
  if (id === undefined || time === undefined || given === undefined)
    return fault('It lacks the headers webhook-id, webhook-timestamp and webhook-signature.');
  const signatures = given.split(' ').flatMap((each) => (each.startsWith('v1,') ? [fromBase64(each.slice(3))] : []));
  return signed({
    content: Buffer.concat([Buffer.from(`${id}.${time}.`), body]),
    signatures,
    timestamp: readSeconds(time),
    keyOf: (secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'),
  });
};

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
const parseGithub: Parse<'github'> = ({ headers, body }) => {
  const given = headers['x-hub-signature-256'];
  if (given === undefined) return fault('It lacks the header X-Hub-Signature-256.');
  const signatures = given.startsWith('sha256=') ? [fromHex(given.slice(7))] : [];
  return signed({ content: body, signatures });
};

/** https://docs.stripe.com/webhooks/signature */
const parseStripe: Parse<'stripe'> = ({ headers, body }) => {
  const given = headers['stripe-signature'];
  if (given === undefined) return fault('It lacks the header Stripe-Signature.');
  const parts = given.split(',').map((part) => part.trim());
  const valuesOf = (name: string) =>
    parts.flatMap((part) => (part.startsWith(`${name}=`) ? [part.slice(name.length + 1)] : []));
  const [time] = valuesOf('t');
  if (time === undefined) return fault('The header Stripe-Signature has no timestamp (t=).');
  const content = Buffer.concat([Buffer.from(`${time}.`), body]);
  return signed({ content, signatures: valuesOf('v1').map(fromHex), timestamp: readSeconds(time) });
};

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
const parseSlack: Parse<'slack'> = ({ headers, body }) => {
  const [given, time] = [headers['x-slack-signature'], headers['x-slack-request-timestamp']];
  if (given === undefined || time === undefined)
    return fault('It lacks the headers X-Slack-Signature and X-Slack-Request-Timestamp.');
  const signatures = given.startsWith('v0=') ? [fromHex(given.slice(3))] : [];
  return signed({
    content: Buffer.concat([Buffer.from(`v0:${time}:`), body]),
    signatures,
    timestamp: readSeconds(time),
  });
};

const parseHmac: Parse<'hmac'> = ({ headers, body }, { header, algorithm, encoding, prefix }) => {
  const given = headers[header];
  if (given === undefined) return fault(`It lacks the header ${header}.`);
  const decode = encoding === 'hex' ? fromHex : fromBase64;
  const signatures = given.startsWith(prefix) ? [decode(given.slice(prefix.length).trim())] : [];
  return signed({ content: body, signatures, algorithm });
};

const parseToken: Parse<'token'> = ({ headers }, { header }) => {
  const given = headers[header];
  if (given === undefined) return fault(`It lacks the header ${header}.`);
  return signed({ content: Buffer.alloc(0), signatures: [Buffer.from(given)], algorithm: null });
};

function signed(
  params: Pick<SignedDelivery, 'content' | 'signatures'> & Partial<Omit<SignedDelivery, 'kind'>>,
): SignedDelivery {
  const { signatures, ...rest } = params;
  const defaults = { algorithm: 'sha256', timestamp: null, keyOf: (secret: string) => Buffer.from(secret) } as const;
  return { ...defaults, ...rest, kind: 'signed', signatures: signatures.slice(0, MAX_SIGNATURES) };
}

function fault(message: string): Fault {
  return { kind: 'fault', message };
}

/** Not a number when it is none, which is within no tolerance. */
function readSeconds(text: string): number {
  return /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
}

/** Empty, and so nobody's signature, when it is none. */
function fromHex(text: string): Buffer {
  return /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.alloc(0);
}

function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
