import { BlockList, isIP } from "node:net";
import { outOfRange, wrongType } from "../../base/refusal.ts";
import type { Peer } from "../../http/index.ts";

/** Addresses and networks of proxies that are believed. */
export class TrustedAddresses {
  readonly #addresses = new BlockList();
  readonly #includesUnix: boolean;

  /**
   * @param action - What a bad list prevents, for the message.
   * @param name - The name of the option, for the message.
   * @param entries - Addresses, networks such as `10.0.0.0/8`, and `unix` for peers that connect by a unix socket.
   * @throws {TypeError} If it is not a list of strings.
   * @throws {RangeError} If it is empty, or one of them is neither.
   */
  constructor(action: string, name: string, entries: readonly string[]) {
    if (!Array.isArray(entries)) throw wrongType(action, `'${name}' must be a list of addresses`, entries);
    if (entries.length === 0) throw outOfRange(action, `'${name}' must name a proxy`, entries);
    this.#includesUnix = entries.includes("unix");
    for (const entry of entries) if (entry !== "unix") this.#add(action, name, entry);
  }

  #add(action: string, name: string, entry: unknown): void {
    if (typeof entry !== "string") throw wrongType(action, `'${name}' must be a list of addresses`, entry);
    const [address = "", prefix, ...more] = entry.split("/");
    const version = isIP(address);
    const bits = prefix === undefined || !/^\d{1,3}$/.test(prefix) ? Number.NaN : Number(prefix);
    const family = version === 6 ? "ipv6" : "ipv4";
    if (version !== 0 && prefix === undefined) this.#addresses.addAddress(address, family);
    else if (version !== 0 && more.length === 0 && bits <= (version === 6 ? 128 : 32))
      this.#addresses.addSubnet(address, bits, family);
    else throw outOfRange(action, `'${name}' must have addresses, networks such as 10.0.0.0/8, or 'unix'`, entry);
  }

  /** Whether what `peer` says is believed; `undefined` stands for a peer on a unix socket. */
  includes(peer: Pick<Peer, "address"> | undefined): boolean {
    if (peer === undefined) return this.#includesUnix;
    const version = isIP(peer.address);
    // An IPv4 address that is written as IPv6 is checked as the IPv4 address by the list itself.
    return version !== 0 && this.#addresses.check(peer.address, version === 6 ? "ipv6" : "ipv4");
  }
}
