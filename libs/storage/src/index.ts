export * from './key-value-store.js';
export { FileStore, type FileStoreOptions } from './file-store.js';
export { RedisStore, type RedisStoreOptions } from './redis-store.js';
export { KEYS, type StoreKey } from './keys.js';
