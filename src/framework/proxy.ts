import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4 } from 'node:net';
import type { Context, Request } from 'koa';
import { type Finding, finding } from './errors/startup-error.js';
import { believedAddresses, lastEntry, parseRange, plainAddress } from './http/forwarded.js';
import { isHost } from './http/host.js';

/** The proxies that are believed, by their addresses. */
export class TrustedProxies {
  readonly #list: BlockList;

  constructor(list: BlockList) {
    this.#list = list;
  }

  /** @param address in the form of {@link plainAddress} */
  has(address: string): boolean {
    return this.#list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  }

  /** Whether who sent the request is one. A lost connection has no address any more, and is not believed. */
  sent({ socket }: IncomingMessage): boolean {
    const { remoteAddress } = socket;
    const address = remoteAddress === undefined ? null : plainAddress(remoteAddress);
    return address !== null && this.has(address);
  }
}

const LOOPBACK = ['127.0.0.0/8', '::1'];

const REMEDY = "give true, false, or a list such as ['loopback', '10.0.0.0/8', '2001:db8::5']";

/** The option `proxy`, checked: whether everybody is believed, or who. */
export function readProxy(option: unknown, findings: Finding[]): boolean | TrustedProxies {
  if (option === undefined || typeof option === 'boolean') return option ?? false;
  const bad = (where: string, message: string): void => {
    findings.push(finding('bad-option', where, message, REMEDY));
  };
  if (!Array.isArray(option)) {
    bad('proxy', `${describe(option)} is none of its values`);
    return false;
  }
  const list = new BlockList();
  for (const [index, entry] of Array.from(option as readonly unknown[]).entries()) {
    const ranges = entry === 'loopback' ? LOOPBACK : [entry];
    for (const each of ranges) {
      const range = typeof each === 'string' ? parseRange(each) : null;
      if (range === null) bad(`proxy[${index}]`, `${describe(entry)} is no address and no range`);
      else list.addSubnet(range.address, range.prefix, range.family);
    }
  }
  return new TrustedProxies(list);
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : typeof value;
}

const PROXIES = Symbol('koanatomy: the proxies that are believed');
const ADDRESS = Symbol('koanatomy: the address of a client');

interface Believing {
  [PROXIES]?: TrustedProxies;
  [ADDRESS]?: string;
}

/**
 * Whether what a request says in `X-Forwarded-*` and `X-Request-Id` is believed: that is decided by the application whose
 * request it is.
 */
export function isProxied(ctx: Context): boolean {
  const proxies = (ctx.request as Request & Believing)[PROXIES];
  return proxies === undefined ? ctx.app.proxy : proxies.sent(ctx.req);
}

/**
 * Makes the requests of an application believe these proxies and nobody else. Koa's own getters know only everybody or
 * nobody, and take the entry of `X-Forwarded-For` that a client can write; those that are made of these, such as
 * `hostname`, `URL` and `secure`, follow.
 *
 * @param request the prototype of one application's requests
 */
export function believeOnly(proxies: TrustedProxies, request: object): void {
  const koa: object = Object.getPrototypeOf(request);
  Object.defineProperties(request, {
    [PROXIES]: { value: proxies },
    host: getter((own) => {
      // First what costs least: most requests have no such field.
      const told = lastEntry(field(own, 'x-forwarded-host'));
      const counts = told !== '' && isHost(told) && proxies.sent(own.req);
      return counts ? told : Reflect.get(koa, 'host', own);
    }),
    protocol: getter((own) => {
      const isTold = lastEntry(field(own, 'x-forwarded-proto')).toLowerCase() === 'https';
      // Koa's own is that of the connection.
      return isTold && proxies.sent(own.req) ? 'https' : Reflect.get(koa, 'protocol', own);
    }),
    ips: getter((own) => [...addressesOf(proxies, own)]),
    ip: {
      ...getter((own) => {
        own[ADDRESS] ??= addressesOf(proxies, own)[0] ?? peerOf(own);
        return own[ADDRESS];
      }),
      set(this: Believing, address: string) {
        this[ADDRESS] = address;
      },
    },
  });
}

type OwnRequest = Request & Believing;

function getter(get: (own: OwnRequest) => unknown): PropertyDescriptor {
  return {
    configurable: true,
    enumerable: true,
    get(this: OwnRequest) {
      // Not the prototype itself, which Koa lets be looked at.
      return (this as Partial<OwnRequest>).req === undefined ? undefined : get(this);
    },
  };
}

function field({ req }: OwnRequest, name: string): string | undefined {
  const value = req.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function addressesOf(proxies: TrustedProxies, own: OwnRequest): readonly string[] {
  if (!proxies.sent(own.req)) return [];
  return believedAddresses(field(own, 'x-forwarded-for'), (address) => proxies.has(address));
}

function peerOf({ req }: OwnRequest): string {
  const { remoteAddress = '' } = req.socket;
  return plainAddress(remoteAddress) ?? remoteAddress;
}
