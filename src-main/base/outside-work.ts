/** Work that no clock of a cluster knows of, for those who have to know whether everything has come to rest. */
import { setImmediate as nextTurn } from 'node:timers/promises';

interface Piece {
  begunAt: number;
  done: Promise<void>;
}

const pieces = new Set<Piece>();
/** Work that has taken this long is taken to go on for ever: nobody waits for its end. */
const PATIENCE_MS = 5000;

/** Lets everybody else run before going on with something that takes long. */
export function giveWay(): Promise<void> {
  const turn = nextTurn();
  followOutsideWork(turn);
  return turn;
}

/** Says that something goes on until `done` settles, whichever way. */
export function followOutsideWork(done: Promise<unknown>): void {
  const piece: Piece = { begunAt: performance.now(), done: done.then(forget, forget) };
  pieces.add(piece);
  function forget(): void {
    pieces.delete(piece);
  }
}

/** Resolves when nothing goes on any more, but for what has been going on for seconds. */
export async function outsideWorkDone(): Promise<void> {
  for (let first = youngest(); first; first = youngest()) {
    await doneOrOld(first, PATIENCE_MS - (performance.now() - first.begunAt));
    // Who has waited for it may go on with more of the kind.
    await nextTurn();
  }
}

function youngest(): Piece | undefined {
  const now = performance.now();
  return [...pieces].findLast(({ begunAt }) => now - begunAt < PATIENCE_MS);
}

function doneOrOld({ done }: Piece, leftMs: number): Promise<void> {
  return new Promise((resolve) => {
    // Real time on purpose: a thread works whatever the cluster's clock says.
    const timer = setTimeout(resolve, leftMs);
    void done.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
