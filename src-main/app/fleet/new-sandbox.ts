/** What a new cluster has when nothing is said: enough nodes to see scheduling, few enough to be quick. */
export const DEFAULT_NODES = 3;

/** A small application that lives, so that there is something to see. */
export const DEFAULT_SCENARIO = 'starter';
