import { Problem } from '#common/base/errors';

/** What the fleet refuses, in words for the person: cause and next step. */

export function nameTaken(name: string): Problem {
  return new Problem('sandbox-name-taken', `There already is a sandbox cluster called ${name}.`, {
    nextStep: 'Choose another name, or start the one that is there.',
  });
}

export function notFound(name: string, known: readonly string[]): Problem {
  const others = known.length > 0 ? `There are: ${known.join(', ')}.` : 'There are none yet.';
  return new Problem('sandbox-not-found', `There is no sandbox cluster called ${name}.`, { nextStep: others });
}

export function notRunning(name: string): Problem {
  return new Problem('sandbox-not-running', `The sandbox cluster ${name} does not run.`, {
    nextStep: `Start it: pilothouse sandbox start ${name}`,
  });
}

/** The folder is never touched: what is in it may be worth more than the cluster. */
export function damaged(name: string, folder: string, damage: string): Problem {
  return new Problem('sandbox-damaged', `The sandbox cluster ${name} is damaged: ${damage}`, {
    nextStep: `Its folder is kept as it is: ${folder}. Start a new one with another name, such as ${name}-2.`,
  });
}
