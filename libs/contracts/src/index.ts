export * from './topics.js';
export * from './queries.js';
export * from './partition.js';
