export { cleanText } from '../../core/clean-text.ts';
