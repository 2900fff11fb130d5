import type { Script } from '../exchange';
import { accessScripts } from './access/access';
import { aggregationScripts } from './aggregation/aggregation';
import { behaviourScripts } from './behaviours';
import { connectScripts } from './connect';
import { conversionScripts } from './conversion/conversion';
import { kindScripts } from './kinds';
import { ruleScripts } from './rules/rule-scripts';
import { schemaExpressionScripts } from './rules/schema-expressions';
import { serviceTypeScripts } from './service-types';

/** Every script, in the order in which they run. */
export const scripts: readonly Script[] = [
  ...kindScripts,
  ...behaviourScripts,
  ...accessScripts,
  ...connectScripts,
  ...ruleScripts,
  ...schemaExpressionScripts,
  ...serviceTypeScripts,
  ...aggregationScripts,
  ...conversionScripts,
];
