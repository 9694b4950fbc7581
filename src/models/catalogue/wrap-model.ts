/** A file of its own, so that the bundle holds no more of the SDK than this. */
export { wrapLanguageModel } from 'ai';
