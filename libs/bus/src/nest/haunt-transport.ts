/** Transport id of the streams: `@EventPattern(topic, HAUNT, …)` is heard by StreamsServer and by nobody else. */
export const HAUNT = Symbol('haunt');
