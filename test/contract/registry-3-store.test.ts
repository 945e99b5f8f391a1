import { describeRegistryStore } from './registry-store-subject.ts';

describeRegistryStore('distribution 3', 'registry');
