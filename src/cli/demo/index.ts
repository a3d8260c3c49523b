export { playDemo } from './play.js';
