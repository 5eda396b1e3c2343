export * from './topics.js';
export * from './queries.js';
export * from './chart.js';
export * from './market.js';
export * from './partition.js';
export * from './rest.js';
export * from './live.js';
export * from './tick-codec.js';
