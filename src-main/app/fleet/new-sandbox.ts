/** What a new cluster has when nothing is said: enough nodes to see scheduling, few enough to be quick. */
export const DEFAULT_NODES = 3;
export const DEFAULT_SCENARIO = 'empty';
