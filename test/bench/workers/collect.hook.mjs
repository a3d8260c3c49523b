/**
 * Goes into the service before it starts, and answers what cannot be told from outside. `collect`: collects all garbage
 * and tells what is left, as V8 collects late where memory is plenty. `profile`: watches which functions the process
 * is in until it is told `profiled`, and answers with V8's CPU profile.
 */
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const SAMPLE_EVERY_MICROSECONDS = 500;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
let session;

const ANSWERS = {
  collect: () => {
    collect();
    return process.memoryUsage();
  },
  profile: async () => {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_MICROSECONDS });
    await session.post('Profiler.start');
    return {};
  },
  profiled: async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return profile;
  },
};

process.on('message', async (question) => {
  process.send(await ANSWERS[question]());
});
// A service must be able to end while somebody could ask.
process.channel.unref();
