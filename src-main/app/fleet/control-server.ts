import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { controlPaths, type LifeStatus } from './life';

/** What the process of a sandbox cluster is asked to do by whoever holds its record. */
export interface ControlHandlers {
  /** Begins to stop; answers at once. */
  stop(): void;
  /** The administrator's kubeconfig once it runs. */
  kubeconfig(): string | undefined;
}

/** Takes orders on 127.0.0.1 from who knows the token, and tells everyone who listens how the cluster is doing. */
export class ControlServer {
  readonly token = randomBytes(32).toString('base64url');
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));
  readonly #handlers: ControlHandlers;
  readonly #listeners = new Set<ServerResponse>();
  #status: LifeStatus;

  constructor(status: LifeStatus, handlers: ControlHandlers) {
    this.#status = status;
    this.#handlers = handlers;
  }

  /** The port it listens on. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  tell(status: LifeStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener.write(`${JSON.stringify(status)}\n`);
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners) listener.end();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('connection', 'close');
    if (!this.#isKnown(request)) {
      response.writeHead(401).end();
      return;
    }
    const route = `${request.method} ${request.url}`;
    if (route === `GET ${controlPaths.life}`) this.#follow(response);
    else if (route === `GET ${controlPaths.kubeconfig}`) answerText(response, this.#handlers.kubeconfig());
    else if (route === `POST ${controlPaths.stop}`) {
      response.writeHead(202).end();
      this.#handlers.stop();
    } else response.writeHead(404).end();
  }

  #isKnown(request: IncomingMessage): boolean {
    const given = Buffer.from(request.headers.authorization ?? '');
    const expected = Buffer.from(`Bearer ${this.token}`);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  /** The state now and at every change; the answer ends with the process. */
  #follow(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write(`${JSON.stringify(this.#status)}\n`);
    this.#listeners.add(response);
    response.once('close', () => this.#listeners.delete(response));
  }
}

function answerText(response: ServerResponse, text: string | undefined): void {
  if (text === undefined) response.writeHead(409).end();
  else response.writeHead(200, { 'content-type': 'application/yaml' }).end(text);
}
