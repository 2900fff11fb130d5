import type { AnyObject, TableColumnDefinition } from '../kube/object';
import { conditionOf, isFalse, isTrue, type Condition } from './conditions';
import { epochOf } from './epoch';
import {
  column,
  nameColumn,
  namespaceColumn,
  type Cell,
  type CellType,
  type Column,
  type Kind,
  type ObjectStatus,
} from './kind';
import { say, type Said } from './words/said';

/** An object as a row of the server's Table: its metadata, and the cells the server worked out. */
export interface TabledObject extends AnyObject {
  cells: readonly unknown[];
}

/** A kind nothing special is known of: its columns are the server's own. */
export function genericKind(group: string, plural: string, definitions: readonly TableColumnDefinition[]): Kind {
  return {
    group,
    plural,
    columns: serverColumns(definitions),
    status: (object) => genericStatus(object),
    sentence: genericSentence,
  };
}

function serverColumns(definitions: readonly TableColumnDefinition[]): Column<AnyObject>[] {
  const name = definitions.findIndex(({ format }) => format === 'name');
  const rest = definitions
    .map((definition, index) => serverColumn(definition, index))
    .filter((_, index) => index !== name);
  const columns = [nameColumn<AnyObject>(), namespaceColumn<AnyObject>(), ...rest];
  const taken = new Set<string>();
  return columns.filter(({ id }) => !taken.has(id) && taken.add(id));
}

function serverColumn(definition: TableColumnDefinition, index: number): Column<AnyObject> {
  const type = typeOf(definition);
  const wide = definition.priority > 0;
  const base = { id: slug(definition.name), header: definition.name, type, wide, weight: type === 'text' ? 1.4 : 0.9 };
  return column<AnyObject>({
    ...base,
    value: (object) => (isAge(definition) ? ageOf(object, index) : serverCell(cellsOf(object)[index], type)),
  });
}

/** The server writes ages as text that is old at once; creation is known, other times only when they are dates. */
function ageOf(object: AnyObject, index: number): Cell {
  const cell = cellsOf(object)[index];
  const exact = typeof cell === 'string' && cell.includes('T') ? epochOf(cell) : null;
  return exact ?? epochOf(object.metadata.creationTimestamp);
}

function serverCell(cell: unknown, type: CellType): Cell {
  if (cell === null || cell === undefined) return null;
  if (type === 'age') return typeof cell === 'string' ? epochOf(cell) : null;
  return typeof cell === 'number' || typeof cell === 'string' ? cell : JSON.stringify(cell);
}

function cellsOf(object: AnyObject): readonly unknown[] {
  return (object as Partial<TabledObject>).cells ?? [];
}

function isAge({ name }: TableColumnDefinition): boolean {
  return name === 'Age' || name === 'Created At';
}

function typeOf(definition: TableColumnDefinition): CellType {
  if (isAge(definition) || definition.type === 'date') return 'age';
  return definition.type === 'integer' || definition.type === 'number' ? 'number' : 'text';
}

function slug(name: string): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '') || 'column'
  );
}

interface Readable {
  status?: { conditions?: Condition[]; phase?: string; state?: string };
}

/** Reads what most kinds agree on: deletion, a Ready-like condition, a phase. */
export function genericStatus(object: AnyObject): ObjectStatus {
  if (object.metadata.deletionTimestamp) return { word: 'Terminating', tone: 'busy' };
  const condition = telling(object);
  if (condition) {
    const good = isTrue(condition);
    return { word: good ? condition.type : condition.reason || `Not ${condition.type}`, tone: good ? 'ok' : 'warn' };
  }
  const phase = (object as Readable).status?.phase;
  return typeof phase === 'string' ? { word: phase, tone: phaseTone(phase) } : { word: '', tone: 'none' };
}

/** One sentence from the same facts. */
export function genericSentence(object: AnyObject): Said {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  if (deletionTimestamp) return finalizers.length > 0 ? say('deleting-held', { finalizers }) : say('deleting');
  const condition = telling(object);
  if (condition?.message) {
    const { type, status, message } = condition;
    return say('generic.told', { type, status, message });
  }
  if (condition) return say('generic.condition', { type: condition.type, holds: !isFalse(condition) });
  const { word } = genericStatus(object);
  return word ? say('generic.phase', { phase: word }) : say('nothing');
}

const tellingTypes = ['Ready', 'Available', 'Established', 'Succeeded', 'Complete', 'Healthy', 'Synced'];

function telling(object: AnyObject): Condition | undefined {
  const conditions = (object as Readable).status?.conditions;
  if (!Array.isArray(conditions)) return undefined;
  return tellingTypes.map((type) => conditionOf({ status: { conditions } }, type)).find(Boolean);
}

const goodPhases = new Set(['Active', 'Bound', 'Running', 'Ready', 'Available']);
const donePhases = new Set(['Succeeded', 'Completed', 'Released']);
const badPhases = new Set(['Failed', 'Error', 'Lost']);

function phaseTone(phase: string) {
  if (goodPhases.has(phase)) return 'ok';
  if (donePhases.has(phase)) return 'done';
  return badPhases.has(phase) ? 'bad' : 'busy';
}
