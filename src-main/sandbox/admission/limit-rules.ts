/** The rules of one LimitRange item, in the words of LimitRanger. */
import type { LimitRangeItem, ResourceRequirements } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';

type Amounts = Record<string, string>;

/** What is wrong with the requests and limits of a container or a Pod. */
export function limitErrors(item: LimitRangeItem, { requests = {}, limits = {} }: ResourceRequirements): string[] {
  const sides = { requests, limits };
  return [
    ...each(item.min, (name, bound) => minimumError({ item, name, bound }, sides)),
    ...each(item.max, (name, bound) => maximumError({ item, name, bound }, sides)),
    ...each(item.maxLimitRequestRatio, (name, bound) => ratioError({ item, name, bound }, sides)),
  ];
}

/** What is wrong with a claim, which has requests alone. */
export function requestErrors(item: LimitRangeItem, requests: Amounts): string[] {
  const sides = { requests, limits: requests };
  const texts = [
    ...each(item.min, (name, bound) => minimumError({ item, name, bound }, sides)),
    ...each(item.max, (name, bound) => maximumError({ item, name, bound }, sides)),
  ];
  return texts.map((text) => text.replace('but limit is', 'but request is').replace('No limit is', 'No request is'));
}

function each(bounds: Amounts | undefined, check: (name: string, bound: string) => string | undefined): string[] {
  return Object.entries(bounds ?? {}).flatMap(([name, bound]) => check(name, bound) ?? []);
}

interface Rule {
  item: LimitRangeItem;
  name: string;
  bound: string;
}

interface Sides {
  requests: Amounts;
  limits: Amounts;
}

function minimumError({ item, name, bound }: Rule, { requests, limits }: Sides): string | undefined {
  const text = `minimum ${name} usage per ${item.type} is ${bound}`;
  const [request, limit] = [requests[name], limits[name]];
  if (request === undefined) return `${text}.  No request is specified`;
  if (isLess(request, bound)) return `${text}, but request is ${request}`;
  return limit !== undefined && isLess(limit, bound) ? `${text}, but limit is ${limit}` : undefined;
}

function maximumError({ item, name, bound }: Rule, { requests, limits }: Sides): string | undefined {
  const text = `maximum ${name} usage per ${item.type} is ${bound}`;
  const [request, limit] = [requests[name], limits[name]];
  if (limit === undefined) return `${text}.  No limit is specified`;
  if (isLess(bound, limit)) return `${text}, but limit is ${limit}`;
  return request !== undefined && isLess(bound, request) ? `${text}, but request is ${request}` : undefined;
}

function ratioError({ item, name, bound }: Rule, { requests, limits }: Sides): string | undefined {
  const text = `${name} max limit to request ratio per ${item.type} is ${bound}`;
  const request = quantityNanos(requests[name] ?? '0');
  const limit = quantityNanos(limits[name] ?? '0');
  if (request === 0n) return `${text}, but no request is specified or request is 0`;
  if (limit === 0n) return `${text}, but no limit is specified or limit is 0`;
  const ratio = Number(limit) / Number(request);
  return ratio > Number(quantityNanos(bound)) / 1e9 ? `${text}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}

function isLess(left: string, right: string): boolean {
  return quantityNanos(left) < quantityNanos(right);
}
