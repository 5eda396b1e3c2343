import type { TopicName } from '@haunt/contracts';
import { BaseRpcContext } from '@nestjs/microservices';
import type { EntryId } from '../event-bus.js';

/** What `@Ctx()` gives a handler: where its events come from. */
export class StreamContext extends BaseRpcContext<[topic: TopicName, partition: number, id: EntryId | undefined]> {
  getTopic(): TopicName {
    return this.args[0];
  }

  getPartition(): number {
    return this.args[1];
  }

  /** Of the event; absent for a handler of batches, whose entries carry their ids. */
  getId(): EntryId | undefined {
    return this.args[2];
  }
}
