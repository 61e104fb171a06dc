/** The built viewer, served to this machine only. */
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import type { Route } from './endpoint/server.ts';
import { send } from './endpoint/server.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

const contentPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'";

/** Files of the folder; every path without an ending is the page itself. */
export function viewerFiles(webDir: string): Route {
  const files: Route = (request, response, path) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const file = normalize(join(webDir, path === '/' ? 'index.html' : path));
    const type = types[extname(file)];
    if (!file.startsWith(normalize(webDir) + sep) || type === undefined || !existsSync(file)) {
      if (path.includes('.') || !existsSync(join(webDir, 'index.html'))) return false;
      return files(request, response, '/');
    }
    response.setHeader('cache-control', 'no-cache');
    if (type.startsWith('text/html')) response.setHeader('content-security-policy', contentPolicy);
    send(response, 200, type, readFileSync(file));
    return true;
  };
  return files;
}

/** Pages of other sites may not post here, nor read through a name that leads to this machine. */
export function isOwnPage(request: IncomingMessage): boolean {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const { origin } = request.headers;
  return ['127.0.0.1', 'localhost', '[::1]'].includes(host) && (origin === undefined || new URL(origin).host === request.headers.host);
}
