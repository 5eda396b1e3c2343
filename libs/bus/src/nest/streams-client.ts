import { QUERIES, type QueryName, TOPICS, type TopicName } from '@haunt/contracts';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { EventBus } from '../event-bus.js';

/** Where a packet goes: a topic or query by name, or with the partition that is meant (otherwise 0). */
export type StreamPattern = string | { readonly name: string; readonly partition: number };

/**
 * Nest's ClientProxy over the bus: `emit` publishes, `send` asks. It costs an Observable a call: where many events go out, or
 * where types are wanted, inject EventBus instead.
 */
export class StreamsClient extends ClientProxy {
  constructor(private readonly bus: EventBus) {
    super();
  }

  override connect(): Promise<void> {
    return Promise.resolve();
  }

  /** The bus belongs to whoever made it. */
  override close(): void {
    // Nothing of its own is open.
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Nest's own signature
  override unwrap<T>(): T {
    return this.bus as T;
  }

  protected override publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const { name, partition } = target(packet.pattern as StreamPattern);
    let wanted = true;
    const reply = (answer: WritePacket): void => {
      if (wanted) callback({ ...answer, isDisposed: true });
    };
    if (!isQuery(name)) {
      reply({ err: new Error(`no query "${name}"; there are ${Object.keys(QUERIES).join(', ')}`) });
    } else {
      this.bus.ask(name, packet.data as never, partition).then(
        (response) => reply({ response }),
        (err: unknown) => reply({ err }),
      );
    }
    return () => (wanted = false);
  }

  protected override async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    const { name, partition } = target(packet.pattern as StreamPattern);
    if (!isTopic(name)) throw new Error(`no topic "${name}"; there are ${Object.keys(TOPICS).join(', ')}`);
    return (await this.bus.publish(name, packet.data as never, partition)) as T;
  }
}

function target(pattern: StreamPattern): { readonly name: string; readonly partition: number } {
  return typeof pattern === 'string' ? { name: pattern, partition: 0 } : pattern;
}

function isTopic(name: string): name is TopicName {
  return Object.hasOwn(TOPICS, name);
}

function isQuery(name: string): name is QueryName {
  return Object.hasOwn(QUERIES, name);
}
