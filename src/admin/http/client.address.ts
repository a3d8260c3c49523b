import { isIPv6 } from 'node:net';

/**
 * The client to whom an address belongs: of IPv6 the first 64 bits, for the rest is the client's own to choose
 * (RFC 4291, section 2.5.4). An IPv4 address that came over a socket for both is the address itself.
 *
 * @param address as Node gives it; undefined where the connection is gone already
 */
export function clientOf(address: string | undefined): string {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(8 - left.length - right.length, 0) }, () => '0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':').toLowerCase()}::/64`;
}
