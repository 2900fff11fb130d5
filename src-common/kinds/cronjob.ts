import type { CronJob } from '../kube/types';
import { epochOf } from './epoch';
import { ageColumn, column, defineKind, nameColumn, namespaceColumn, type ObjectStatus } from './kind';
import { resource } from '../kube/resource';
import { ownedBy } from './workload';
import { say, type Said } from './words/said';

const jobs = resource({ group: 'batch', kind: 'Job', plural: 'jobs' });

export const cronJobKind = defineKind<CronJob>({
  group: 'batch',
  plural: 'cronjobs',
  columns: [
    nameColumn(),
    namespaceColumn(),
    column({
      id: 'schedule',
      header: 'Schedule',
      type: 'mono',
      weight: 1.4,
      value: ({ spec }) => spec?.schedule ?? null,
    }),
    column({ id: 'timezone', header: 'Timezone', value: ({ spec }) => spec?.timeZone ?? null }),
    column({
      id: 'suspend',
      header: 'Suspend',
      type: 'status',
      value: (cronJob) => ({
        text: cronJob.spec?.suspend ? 'True' : 'False',
        tone: cronJob.spec?.suspend ? 'warn' : 'none',
      }),
    }),
    column({ id: 'active', header: 'Active', type: 'number', value: ({ status }) => status?.active?.length ?? 0 }),
    column({
      id: 'last-schedule',
      header: 'Last Schedule',
      type: 'age',
      value: ({ status }) => epochOf(status?.lastScheduleTime),
    }),
    ageColumn(),
  ],
  status: cronJobStatus,
  sentence: cronJobSentence,
  links: (cronJob) => [ownedBy(cronJob, jobs)],
  images: ({ spec }) =>
    (spec?.jobTemplate?.spec?.template?.spec?.containers ?? []).map(({ image }) => image ?? '').filter(Boolean),
});

function cronJobStatus({ spec, status }: CronJob): ObjectStatus {
  if (spec?.suspend) return { word: 'Suspended', tone: 'none' };
  return (status?.active?.length ?? 0) > 0 ? { word: 'Running', tone: 'busy' } : { word: 'Scheduled', tone: 'ok' };
}

function cronJobSentence({ spec, status }: CronJob): Said {
  if (spec.suspend) return say('cronjob.suspended');
  const { schedule = '', timeZone = '' } = spec;
  return say('cronjob.scheduled', { schedule, timeZone, active: status?.active?.length ?? 0 });
}
