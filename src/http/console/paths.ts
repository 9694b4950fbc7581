import { API_PREFIX } from '../../api/endpoint.js';

export const CONSOLE_PATH = '/console';

/** The REST API for who is signed in to the console. */
export const CONSOLE_API = CONSOLE_PATH + API_PREFIX;
