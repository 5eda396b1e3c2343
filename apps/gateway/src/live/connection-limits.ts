/** How many sockets are open, in all and per client address. */
export class ConnectionLimits {
  private readonly perAddress = new Map<string, number>();
  private open = 0;
  /** Told of every one that was turned away. */
  onRefusal: () => void = () => undefined;

  constructor(
    private readonly max: number,
    private readonly maxPerAddress: number,
  ) {}

  get size(): number {
    return this.open;
  }

  /** @returns undefined when one more may come, otherwise why not. */
  refusal(address: string): string | undefined {
    const refusal = this.reason(address);
    if (refusal !== undefined) this.onRefusal();
    return refusal;
  }

  private reason(address: string): string | undefined {
    if (this.open >= this.max) return `this server holds ${this.max} connections, which is its limit; try again later`;
    if ((this.perAddress.get(address) ?? 0) >= this.maxPerAddress) {
      return `one address may hold ${this.maxPerAddress} connections, and ${address} does`;
    }
    return undefined;
  }

  enter(address: string): void {
    this.open++;
    this.perAddress.set(address, (this.perAddress.get(address) ?? 0) + 1);
  }

  leave(address: string): void {
    this.open--;
    const left = (this.perAddress.get(address) ?? 0) - 1;
    if (left > 0) this.perAddress.set(address, left);
    else this.perAddress.delete(address);
  }
}
