export { productVersion } from './product.version.js';
