import { Module } from '@nestjs/common';
import { PartitionOwner } from './partition.owner.js';

/** Owns the price state of every partition it holds the lease of. */
@Module({ providers: [PartitionOwner], exports: [PartitionOwner] })
export class AggregatorModule {}
