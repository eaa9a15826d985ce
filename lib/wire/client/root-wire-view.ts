import { RootWireService, type OutgoingCall } from '../../api/root-wire-service.js';
import type { WireResponse } from '../../api/wire-service.js';

/** What one plugin is given of the ways to others: it calls as nobody else. */
export class RootWireView extends RootWireService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #root: RootWireService;
  readonly #callerId: string;

  constructor(root: RootWireService, callerId: string) {
    super();
    this.#root = root;
    this.#callerId = callerId;
    Object.freeze(this);
  }

  override send(call: OutgoingCall): Promise<WireResponse> {
    return this.#root.send(call, this.#callerId);
  }
}
