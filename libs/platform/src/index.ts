export * from './clock.js';
export * from './config.js';
