import type { ListSchema, MapSchema, TypeSchema, ValueSchema } from './schema';

type Fields = Record<string, unknown>;

/** The lists, maps and structs of a value that are taken as one, by their paths: `.spec.containers[0].args`. */
export function atomicParts(value: unknown, type: ValueSchema, path = ''): string[] {
  if (Array.isArray(value)) return type.shape === 'list' ? partsOfList(value, type, path) : [];
  if (typeof value !== 'object' || value === null) return [];
  return type.shape === 'map' || type.shape === 'struct' ? partsOfFields(value as Fields, type, path) : [];
}

function partsOfList(value: unknown[], type: ListSchema, path: string): string[] {
  return [
    ...(type.topology === 'atomic' ? [path] : []),
    ...value.flatMap((item, at) => atomicParts(item, type.elements, `${path}[${at}]`)),
  ];
}

function partsOfFields(value: Fields, type: MapSchema | TypeSchema, path: string): string[] {
  return [
    ...(type.atomic ? [path] : []),
    ...Object.entries(value).flatMap(([key, member]) => {
      const known = type.shape === 'map' ? type.elements : type.field(key)?.type;
      return known ? atomicParts(member, known, `${path}.${key}`) : [];
    }),
  ];
}
