/**
 * Goes into the service before it starts: collects all garbage when it is asked to, and tells what is left. What a
 * service holds cannot be told from outside otherwise, as V8 collects late where memory is plenty.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('message', () => {
  collect();
  process.send(process.memoryUsage());
});
// A service must be able to end while somebody could ask.
process.channel.unref();
