/** The name of a bundle's file: the SHA-256 of its code. */
export const BUNDLE_FILE = /^([0-9a-f]{64})\.mjs$/;
