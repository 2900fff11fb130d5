/** Weighted scores by plugin, of one node. */
export type NodeScores = Readonly<Record<string, number>>;

/** What came of the first attempt to place a Pod. */
export interface Outcome {
  pod: string;
  /** The node it got, or will get once its volumes are there. */
  node?: string;
  /** Of the condition PodScheduled, when there is no node. */
  reason?: string;
  message?: string;
  /** The node that others leave for it, and who they are. */
  nominated?: string;
  victims?: string[];
  /** By node; only where nodes were compared. */
  scores?: Readonly<Record<string, NodeScores>>;
}

/** By the name of the case, in the order in which its Pods came. */
export type Outcomes = Record<string, Outcome[]>;
