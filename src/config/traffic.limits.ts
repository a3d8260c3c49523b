import { isIP } from 'node:net';
import { z } from 'zod';
import { wholeNumber } from './whole.number.js';

/** How much the service takes from outside (docs/security.md). */
export interface TrafficLimits {
  /** Requests of one client address that are not signed in, and of one token subject; all may come at once. */
  readonly requestsPerMinute: number;
  /** Requests of one client address with a token that does not hold, until it is told to wait. */
  readonly failedSignInsPerMinute: number;
  /** Milliseconds within which a whole request has to arrive. */
  readonly requestTimeoutMs: number;
  /** Connections open at a time; further ones are closed at once. */
  readonly maxConnections: number;
  /** The same of one address that is no trusted proxy. */
  readonly maxConnectionsPerAddress: number;
  /** Addresses and subnets of the reverse proxies whose `X-Forwarded-*` is believed; none unless told. */
  readonly trustedProxies: readonly string[];
}

const proxies = z
  .string()
  .transform((value) => value.split(',').map((entry) => entry.trim()))
  .refine((entries) => entries.every(isAddressOrSubnet), {
    error: 'must be addresses or subnets with commas, such as 10.0.0.7,10.1.0.0/16',
  });

function isAddressOrSubnet(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  // A prefix of 0 would believe everybody.
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** The variables about it. */
export const TRAFFIC_VARIABLES = {
  RATE_LIMIT_PER_MINUTE: wholeNumber(1, 1_000_000).default(1_200),
  FAILED_SIGN_INS_PER_MINUTE: wholeNumber(1, 1_000_000).default(60),
  REQUEST_TIMEOUT_MS: wholeNumber(100, 600_000).default(30_000),
  MAX_CONNECTIONS: wholeNumber(1, 100_000).default(1_000),
  MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(1, 100_000).default(200),
  TRUST_PROXY: proxies.default([]),
};

export function limitsOf(values: z.infer<z.ZodObject<typeof TRAFFIC_VARIABLES>>): TrafficLimits {
  return Object.freeze({
    requestsPerMinute: values.RATE_LIMIT_PER_MINUTE,
    failedSignInsPerMinute: values.FAILED_SIGN_INS_PER_MINUTE,
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
    maxConnections: values.MAX_CONNECTIONS,
    maxConnectionsPerAddress: values.MAX_CONNECTIONS_PER_ADDRESS,
    trustedProxies: values.TRUST_PROXY,
  });
}
