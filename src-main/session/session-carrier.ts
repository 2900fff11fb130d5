import { Problem } from '#common/base/errors';
import type { Carrier, CarrierRequest, CarrierResponse, CarrierSocket, UpgradeRequest } from '#main/client/carrier';

/**
 * The one carrier of a session, whatever becomes of the connection behind it. While it is held, every request is refused
 * with the Problem at hand: a plugin that failed or a login that expired is not tried by each of many watches.
 */
export class SessionCarrier implements Carrier {
  readonly #connect: () => Promise<Carrier>;
  readonly #unreachable: () => void;
  #carrier: Promise<Carrier> | undefined;
  #held: Problem | undefined;

  /** `unreachable` is called when a request does not reach the server. */
  constructor(connect: () => Promise<Carrier>, unreachable: () => void) {
    this.#connect = connect;
    this.#unreachable = unreachable;
  }

  async send(request: CarrierRequest): Promise<CarrierResponse> {
    if (this.#held) throw this.#held;
    try {
      return await (await this.#open()).send(request);
    } catch (failure) {
      if (failure instanceof Problem && failure.code === 'unreachable') this.#unreachable();
      throw failure;
    }
  }

  async upgrade(request: UpgradeRequest): Promise<CarrierSocket> {
    if (this.#held) throw this.#held;
    return (await this.#open()).upgrade(request);
  }

  /** Passes a held carrier: only for finding out whether it may be released. */
  async probe(request: CarrierRequest): Promise<CarrierResponse> {
    return (await this.#open()).send(request);
  }

  hold(problem: Problem): void {
    this.#held = problem;
  }

  release(): void {
    this.#held = undefined;
  }

  /** Connects anew with the next request: the kubeconfig has changed, or a person wants another try. */
  async reset(): Promise<void> {
    const carrier = this.#carrier;
    this.#carrier = undefined;
    this.#held = undefined;
    await carrier?.then((open) => open.close()).catch(alreadyToldToItsUsers);
  }

  async close(): Promise<void> {
    await this.reset();
  }

  #open(): Promise<Carrier> {
    this.#carrier ??= this.#connect();
    return this.#carrier;
  }
}

/** A connection that was never made needs no closing; every request on it was rejected with the reason. */
function alreadyToldToItsUsers(): void {}
