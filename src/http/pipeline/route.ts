import type { Hono } from 'hono';
import type { HttpContext, HttpEnv } from './app-deps.js';
import { preflightFields } from './cors.js';
import { emptyResponse, jsonTextResponse } from '../transport/responses.js';

export type RouteHandler = (c: HttpContext) => Response | Promise<Response>;

export type MethodName = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One path with what it answers to. HEAD goes with GET; OPTIONS tells the methods; any other method is 405. */
export function addRoute(
  app: Hono<HttpEnv>,
  path: string,
  handlers: { readonly [method in MethodName]?: RouteHandler },
): void {
  const allow = allowedMethods(handlers);
  app.all(path, (c) => {
    const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
    const handler = handlers[method as MethodName];
    if (handler !== undefined) return handler(c);
    if (method === 'OPTIONS') {
      return emptyResponse(204, { allow, ...preflightFields((name) => c.req.header(name), allow) });
    }
    return methodNotAllowed(c, allow);
  });
}

export function allowedMethods(handlers: { readonly [method in MethodName]?: unknown }): string {
  const methods = Object.keys(handlers).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...methods, 'OPTIONS'].join(', ');
}

function methodNotAllowed(c: HttpContext, allow: string): Response {
  return jsonTextResponse(methodNotAllowedText(c.req.method, c.req.path, allow), 405, { allow });
}

export function methodNotAllowedText(method: string, path: string, allow: string): string {
  const message = `${method} is not possible on ${path}. Possible: ${allow}.`;
  return JSON.stringify({ error: { code: 'invalid_input', message } });
}
