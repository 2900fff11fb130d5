import { createI18n } from 'vue-i18n';
import { actions as actionsEn } from './en/actions';
import { detail as detailEn } from './en/detail';
import { editor as editorEn } from './en/editor';
import { forwards as forwardsEn } from './en/forwards';
import { frame as frameEn } from './en/frame';
import { logs as logsEn } from './en/logs';
import { resources as resourcesEn } from './en/resources';
import { terminal as terminalEn } from './en/terminal';
import { actions as actionsZh } from './zh/actions';
import { detail as detailZh } from './zh/detail';
import { editor as editorZh } from './zh/editor';
import { forwards as forwardsZh } from './zh/forwards';
import { frame as frameZh } from './zh/frame';
import { logs as logsZh } from './zh/logs';
import { resources as resourcesZh } from './zh/resources';
import { terminal as terminalZh } from './zh/terminal';

const en = {
  actions: actionsEn,
  detail: detailEn,
  editor: editorEn,
  forwards: forwardsEn,
  frame: frameEn,
  logs: logsEn,
  resources: resourcesEn,
  terminal: terminalEn,
};
const zh: typeof en = {
  actions: actionsZh,
  detail: detailZh,
  editor: editorZh,
  forwards: forwardsZh,
  frame: frameZh,
  logs: logsZh,
  resources: resourcesZh,
  terminal: terminalZh,
};

export type Locale = 'en' | 'zh';

/** The language of the system, where there is a catalogue for it. */
export function systemLocale(languages: readonly string[]): Locale {
  const known = languages
    .map((language) => language.slice(0, 2).toLowerCase())
    .find((two): two is Locale => two === 'en' || two === 'zh');
  return known ?? 'en';
}

export function createCatalogues(locale: Locale) {
  return createI18n({ legacy: false, locale, fallbackLocale: 'en', messages: { en, zh } });
}
