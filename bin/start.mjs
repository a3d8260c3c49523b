// The service: `npm start`, and what the image runs.
import { launch } from './launch.mjs';

await launch('main.js');
