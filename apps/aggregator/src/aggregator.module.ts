import { Module } from '@nestjs/common';
import { AssetsModule } from '@haunt/platform';
import { PartitionOwner } from './partition.owner.js';

/** Owns the price state of every partition it holds the lease of. */
@Module({ imports: [AssetsModule], providers: [PartitionOwner], exports: [PartitionOwner] })
export class AggregatorModule {}
