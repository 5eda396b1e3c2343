export * from './source.js';
export * from './tick.js';
export * from './price.js';
export * from './source-status.js';
export * from './asset.js';
export * from './catalogue.js';
