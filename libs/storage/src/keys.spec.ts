import { deadLetterName, streamName, TOPICS, type TopicName } from '@haunt/contracts';
import { KEYS } from './keys.js';

it('gives no value the name of a stream: Redis would refuse every write of one of the two', () => {
  const streams = (Object.keys(TOPICS) as TopicName[]).flatMap((topic) => [streamName(topic), deadLetterName(topic)]);
  const keys = Object.values(KEYS).map((key) => (key as (...parts: unknown[]) => { name: string })(0, 0).name);
  expect(keys.filter((key) => streams.includes(key))).toEqual([]);
});
