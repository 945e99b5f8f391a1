import { describeRegistryStore } from './registry-store-subject.ts';

describeRegistryStore('distribution 2.8', 'docker-registry');
