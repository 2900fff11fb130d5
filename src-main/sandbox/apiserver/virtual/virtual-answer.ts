import type { AnyObject } from '#common/kube/object';
import type { ApiResponse } from '../api-request';
import { jsonResponse } from '../bodies';
import type { Exchange } from '../exchange';
import { negotiate } from '../negotiation';
import { printerFor } from '../tables/printers';
import { tableHead } from '../tables/table';

/** One made-up object, as JSON or as a table. */
export function virtualObject(exchange: Exchange, object: AnyObject): ApiResponse {
  const { form, metaVersion } = negotiate(exchange.request.headers['accept'], false);
  return jsonResponse(200, form === 'table' ? tableOf(exchange, [object], metaVersion) : object);
}

/** A list of them. */
export function virtualList(exchange: Exchange, items: AnyObject[]): ApiResponse {
  const { form, metaVersion } = negotiate(exchange.request.headers['accept'], true);
  if (form === 'table') return jsonResponse(200, tableOf(exchange, items, metaVersion));
  const definition = definitionOf(exchange);
  const apiVersion = exchange.info.group ? `${exchange.info.group}/${exchange.info.version}` : exchange.info.version;
  return jsonResponse(200, { kind: `${definition?.kind ?? ''}List`, apiVersion, metadata: {}, items });
}

function definitionOf({ info, server }: Exchange) {
  return server.catalogue.definitions.find(({ group, plural }) => group === info.group && plural === info.plural);
}

function tableOf(exchange: Exchange, items: AnyObject[], metaVersion: string): object {
  const definition = definitionOf(exchange);
  if (!definition) return {};
  const printer = printerFor(definition);
  const now = exchange.server.clock.now();
  return {
    ...tableHead(printer, {}, metaVersion),
    rows: items.map((object) => ({ cells: printer.cells(object, now), object })),
  };
}
