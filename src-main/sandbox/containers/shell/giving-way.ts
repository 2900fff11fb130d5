import type { IFileSystem } from 'just-bash';
import { giveWay } from '#main/base/outside-work';

/** Accesses between two turns of the event loop: about a millisecond of work. */
const ACCESSES_AT_ONCE = 64;

/** The same files, for whoever walks through many of them: every now and then others have their turn. */
export function givingWay(fs: IFileSystem): IFileSystem {
  let accesses = 0;
  return new Proxy(fs, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      if (key === 'resolvePath' || key === 'getAllPaths') return member.bind(target);
      return async (...args: unknown[]) => {
        if (++accesses % ACCESSES_AT_ONCE === 0) await giveWay();
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  });
}
