export { decodeText, encodeText } from '../../rows/text.js';
