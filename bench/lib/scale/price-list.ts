import type { Limits, Prices } from './cost-model.ts';

/** A service with its public list prices and limits, as they were looked up. */
export interface PricedService {
  readonly title: string;
  readonly prices: Prices;
  readonly limits: Limits;
  /** Markdown: where prices and limits are from. */
  readonly sources: readonly string[];
}

/** When the pages were read. */
export const LOOKED_UP = '2026-11-29';

const GB = 1e9;
const FREE = { list: 0, read: 0, look: 0, write: 0, part: 0, delete: 0 };

/** S3 Standard in us-east-1, an ECR repository as the priced registry, GitHub's cache. Egress is counted apart. */
export const SERVICES: readonly PricedService[] = [
  {
    title: 'registry (Amazon ECR, private)',
    prices: { perGbMonth: 0.1, freeBytes: 0, perThousand: FREE, perGbOut: 0.09 },
    // MAX_PAGES x PAGE_SIZE of src/oci/tags.ts; each snapshot is a tag.
    limits: { store: 'registry', snapshots: 100_000 },
    sources: [
      '[ECR prices](https://aws.amazon.com/ecr/pricing/), by way of [a summary of March 2026](https://cloudburn.io/blog/amazon-ecr-pricing)',
    ],
  },
  {
    title: 'S3 (Standard)',
    prices: {
      perGbMonth: 0.023,
      freeBytes: 0,
      perThousand: { list: 0.005, write: 0.005, read: 0.0004, look: 0.0004, part: 0, delete: 0 },
      perGbOut: 0.09,
    },
    limits: { store: 's3', readsPerSecond: 5500, writesPerSecond: 3500 },
    sources: [
      '[S3 prices](https://aws.amazon.com/s3/pricing/), by way of [a summary of June 2026](https://www.usage.ai/blogs/aws/storage-cost/s3/cost-calculator/)',
      '[at least 3,500 writes and 5,500 reads a second for each partitioned prefix](https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html)',
    ],
  },
  {
    title: "GitHub's cache",
    prices: { perGbMonth: 0.07 / 1.073741824, freeBytes: 10 * GB, perThousand: FREE, perGbOut: 0 },
    limits: { store: 'gha', uploadsPerMinute: 200, downloadsPerMinute: 1500, storedBytes: 10 * GB },
    sources: [
      '[10 GB for each repository, above them $0.07 per GiB and month](https://github.com/github/docs/pull/41573)',
      '[200 new entries a minute](https://github.blog/changelog/2026-01-16-rate-limiting-for-actions-cache-entries/), [1,500 downloads a minute](https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching#usage-limits-and-eviction-policy)',
    ],
  },
];
