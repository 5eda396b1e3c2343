export { simulatedAsset, type SimulatedAsset } from './assets.js';
export type { Fault, FaultKind } from './faults.js';
export { Market } from './market.js';
export { Simulator, type SimulatorOptions } from './simulator.js';
export type { Trade } from './tape.js';
export { Exchange, type VenueStats, type Violation } from './venue.js';
export { StreamVenue } from './stream-venue.js';
export type { VenuePair } from './venue-pair.js';
